import { ActionIcon, Group, Tooltip } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconProgressDown } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSetStatus } from '../api/queries';
import type { CampaignStatus } from '../api/types';
import { Confirm } from './confirm';
import { toastProblem } from './toast';

const steps = [
  { status: 'running', key: 'start', icon: IconPlayerPlay },
  { status: 'paused', key: 'pause', icon: IconPlayerPause },
  { status: 'draining', key: 'drain', icon: IconProgressDown },
  { status: 'stopped', key: 'stopCampaign', icon: IconPlayerStop },
] as const;

// What makes sense from where: a paused campaign is neither paused again nor drained.
const offered: Record<CampaignStatus, CampaignStatus[]> = {
  paused: ['running', 'stopped'],
  running: ['paused', 'draining', 'stopped'],
  draining: ['running', 'stopped'],
  stopped: ['running'],
};

interface Props {
  id: string;
  name: string;
  status: CampaignStatus;
}

/** Start, pause, drain and stop of one campaign; stopping asks first. */
export function StatusButtons({ id, name, status }: Props) {
  const { t } = useTranslation();
  const change = useSetStatus();
  const [asking, setAsking] = useState(false);
  const set = (to: CampaignStatus) => change.mutate({ id, status: to }, { onError: toastProblem });
  return (
    <Group gap={2} wrap="nowrap" justify="flex-end">
      {steps.filter((s) => (offered[status] ?? []).includes(s.status)).map(({ status: to, key, icon: Icon }) => (
        <Tooltip key={to} label={t(`board.${key}`)}>
          <ActionIcon variant="subtle" color={to === 'running' ? 'tide' : 'gray'} aria-label={`${t(`board.${key}`)}: ${name}`}
            loading={change.isPending && change.variables?.status === to} disabled={change.isPending}
            onClick={() => (to === 'stopped' ? setAsking(true) : set(to))} data-testid={`status-${to}`}>
            <Icon size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      ))}
      <Confirm opened={asking} danger title={t('board.stopAsk', { name })} hint={t('board.stopHint')} action={t('board.stopCampaign')}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          set('stopped');
        }} />
    </Group>
  );
}

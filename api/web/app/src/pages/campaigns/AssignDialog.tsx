import { Alert, Button, MultiSelect, Select, Switch } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Campaign, ContactList } from '../../api/types';
import { toastOK } from '../../ui/toast';
import { ChangeProblem, FormDialog } from '../lists/parts';
import { useSegments } from '../segments/api';
import { useAssign, useTeams, useUnassign, useUserNames, type AssignmentStatus } from './api';

interface Props {
  campaign: Campaign;
  list: ContactList;
  was: AssignmentStatus | undefined;
  onClose: () => void;
}

/** Gives a list of a campaign, or those of it who fit a segment, to agents and teams. */
export function AssignDialog({ campaign, list, was, onClose }: Props) {
  const { t } = useTranslation();
  const users = useUserNames().data ?? [];
  const teams = useTeams().data ?? [];
  const segments = useSegments().data ?? [];
  const [agents, setAgents] = useState(was?.agents ?? []);
  const [to, setTo] = useState(was?.teams ?? []);
  const [paused, setPaused] = useState(was?.state === 'paused');
  const [segment, setSegment] = useState<string | null>(null);
  const assign = useAssign();
  const unassign = useUnassign();
  const fits = segments.filter((s) => s.list_ids.length === 0 || s.list_ids.includes(list.id));
  const only = fits.find((s) => s.id === segment);
  const done = (text: string) => ({
    onSuccess: () => {
      toastOK(text);
      onClose();
    },
  });
  const save = () => assign.mutate({
    campaign: campaign.id, list: list.id, agents, teams: to, state: paused ? 'paused' : 'open',
    part: only && { name: `${list.name.slice(0, 60)} · ${only.name.slice(0, 56)}`, filter: only.filter, revision: list.revision },
  }, done(t('steer.assigned')));
  const giveBack = () => unassign.mutate({ campaign: campaign.id, list: list.id }, done(t('steer.givenBack')));
  return (
    <FormDialog title={t('steer.assignTitle', { name: list.name })} hint={t('steer.assignHint')} action={t('steer.assign')} busy={assign.isPending} disabled={agents.length + to.length === 0}
      testid="assign-dialog" onClose={onClose} onSubmit={save}>
      <MultiSelect label={t('steer.teams')} searchable value={to} onChange={setTo} data={teams.map((x) => ({ value: x.id, label: x.name }))} nothingFoundMessage={t('steer.noTeams')} data-testid="assign-teams" />
      <MultiSelect label={t('steer.agents')} searchable value={agents} onChange={setAgents} limit={100} data-testid="assign-agents"
        data={users.filter((u) => agents.includes(u.id) || (u.role === 'agent' && !u.disabled)).map((u) => ({ value: u.id, label: u.name }))} />
      {fits.length > 0 && (
        <Select label={t('steer.onlySegment')} description={t('steer.onlySegmentHint')} placeholder={t('steer.wholeList')} clearable searchable value={segment} onChange={setSegment}
          data={fits.map((s) => ({ value: s.id, label: s.name }))} data-testid="assign-segment" />
      )}
      <Switch label={t('steer.pause')} description={t('steer.pauseHint')} checked={paused} onChange={(e) => setPaused(e.currentTarget.checked)} data-testid="assign-paused" />
      {was && (
        <Alert color="gray" p="xs">
          {t('steer.giveBackHint')}{' '}
          <Button size="compact-xs" variant="default" loading={unassign.isPending} onClick={giveBack} data-testid="unassign">{t('steer.giveBack')}</Button>
        </Alert>
      )}
      <ChangeProblem error={assign.error ?? unassign.error} />
    </FormDialog>
  );
}

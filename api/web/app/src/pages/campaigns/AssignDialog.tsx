import { Alert, Button, MultiSelect, Select, Switch } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Campaign } from '../../api/types';
import { toastOK } from '../../ui/toast';
import { ChangeProblem, FormDialog } from '../lists/parts';
import { useSegments } from '../segments/api';
import { useAssign, useAssignments, useTeams, useUnassign, useUserNames, type AssignedKind, type Assignment } from './api';

/** What is to be assigned, and how it is now; a segment without an id is still to be chosen. */
export interface Assigned {
  kind: AssignedKind;
  id: string;
  name: string;
  was?: Assignment;
}

/** Gives a list of a campaign, or those of its contacts who fit a segment, to agents and teams. */
export function AssignDialog({ campaign, of, onClose }: { campaign: Campaign; of: Assigned; onClose: () => void }) {
  const { t } = useTranslation();
  const { kind, was } = of;
  const users = useUserNames().data ?? [];
  const teams = useTeams().data ?? [];
  const segments = useSegments().data ?? [];
  const taken = useAssignments(campaign.id, 'segment').data ?? [];
  const [agents, setAgents] = useState(was?.agents ?? []);
  const [to, setTo] = useState(was?.teams ?? []);
  const [paused, setPaused] = useState(was?.state === 'paused');
  const [id, setID] = useState(of.id);
  const assign = useAssign();
  const unassign = useUnassign();
  const done = (text: string) => ({
    onSuccess: () => {
      toastOK(text);
      onClose();
    },
  });
  const save = () => assign.mutate({ campaign: campaign.id, kind, id, agents, teams: to, state: paused ? 'paused' : 'open' }, done(t('steer.assigned')));
  const giveBack = () => unassign.mutate({ campaign: campaign.id, kind, id }, done(t('steer.givenBack')));
  return (
    <FormDialog title={of.name ? t('steer.assignTitle', { name: of.name }) : t('steer.assignSegment')} hint={t(kind === 'list' ? 'steer.assignHint' : 'steer.assignSegmentHint')} action={t('steer.assign')} busy={assign.isPending}
      disabled={!id || agents.length + to.length === 0} testid="assign-dialog" onClose={onClose} onSubmit={save}>
      {!of.id && (
        <Select label={t('segments.segment')} searchable value={id || null} onChange={(v) => setID(v ?? '')} data-testid="assign-which"
          data={segments.filter((s) => !taken.some((a) => a.id === s.id)).map((s) => ({ value: s.id, label: s.name }))} />
      )}
      <MultiSelect label={t('steer.teams')} searchable value={to} onChange={setTo} data={teams.map((x) => ({ value: x.id, label: x.name }))} nothingFoundMessage={t('steer.noTeams')} data-testid="assign-teams" />
      <MultiSelect label={t('steer.agents')} searchable value={agents} onChange={setAgents} limit={100} data-testid="assign-agents"
        data={users.filter((u) => agents.includes(u.id) || (u.role === 'agent' && !u.disabled)).map((u) => ({ value: u.id, label: u.name }))} />
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

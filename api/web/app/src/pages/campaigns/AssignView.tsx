import { Badge, Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useLists } from '../../api/queries';
import type { Campaign } from '../../api/types';
import { Load, Panel, StatePill } from '../../ui/ui';
import { useAllProgress, type ContactCounts } from '../lists/api';
import { ListBar } from '../lists/ProgressBar';
import { useAssignments, useTeams, useUserNames, type AssignedKind, type Assignment } from './api';
import { AssignDialog, type Assigned } from './AssignDialog';
import css from './campaigns.module.css';
import { SegmentsPanel } from './SegmentsPanel';
import { TeamsPanel } from './TeamsPanel';

const SHOWN = 8;

/** The agents and teams of an assignment by their names, the first few of many. */
function Who({ of }: { of: Assignment | undefined }) {
  const { t } = useTranslation();
  const users = useUserNames();
  const teams = useTeams();
  if (!of) return <span className={css.who}>{t('steer.everybody')}</span>;
  const names = [
    ...of.teams.map((id) => ({ id, name: teams.data?.find((x) => x.id === id)?.name ?? '…', team: true })),
    ...of.agents.map((id) => ({ id, name: users.data?.find((x) => x.id === id)?.name ?? '…', team: false })),
  ];
  return (
    <span className={css.who} data-testid="assigned-to">
      {names.slice(0, SHOWN).map((n) => <Badge key={n.id} variant={n.team ? 'light' : 'default'} maw={220} title={n.name}>{n.team ? t('steer.teamNamed', { name: n.name }) : n.name}</Badge>)}
      {names.length > SHOWN && <span>{t('steer.andMore', { n: names.length - SHOWN })}</span>}
    </span>
  );
}

interface RowProps {
  kind: AssignedKind;
  id: string;
  name: string;
  assignment: Assignment | undefined;
  progress: ContactCounts | undefined;
  open: () => void;
}

function Row({ kind, id, name, assignment, progress, open }: RowProps) {
  const { t } = useTranslation();
  const act = t(assignment ? 'steer.change' : 'steer.assign');
  return (
    <li data-testid="assign-row" data-kind={kind} data-id={id} data-assigned={assignment ? assignment.state : 'no'}>
      <div className={css.assignedHead}>
        <Link href={`/${kind}s/${id}`} className="truncate" title={name}>{name}</Link>
        {assignment && <StatePill state={assignment.state === 'open' ? 'good' : 'warn'}>{t(`steer.${assignment.state}`)}</StatePill>}
        <Button size="compact-sm" variant="default" onClick={open} aria-label={`${act}: ${name}`} data-testid="assign">{act}</Button>
      </div>
      <Who of={assignment} />
      {progress ? <ListBar of={progress} /> : <span className={css.who}>{t(kind === 'list' ? 'lists.noContacts' : 'steer.tooMany')}</span>}
    </li>
  );
}

function Lists({ campaign, open }: { campaign: Campaign; open: (a: Assigned) => void }) {
  const { t } = useTranslation();
  const assignments = useAssignments(campaign.id, 'list');
  const lists = useLists().data ?? [];
  const progress = useAllProgress().data?.items.filter((p) => p.campaign_id === campaign.id) ?? [];
  const ids = campaign.list_ids ?? [];
  return (
    <Panel title={t('steer.assignments')} testid="assignments">
      <Load query={assignments} rows={Math.min(12, 1 + 3 * ids.length)} empty={() => ids.length === 0} whenEmpty={<p className={css.note}>{t('steer.noLists')}</p>}>
        {(all) => (
          <>
            <p className={css.note}>{t('steer.assignHint')}</p>
            <ul className={css.assigned}>
              {ids.map((id) => {
                const name = lists.find((l) => l.id === id)?.name ?? '…';
                const was = all.find((a) => a.id === id);
                return <Row key={id} kind="list" id={id} name={name} assignment={was} progress={was?.progress ?? progress.find((p) => p.list_id === id)} open={() => open({ kind: 'list', id, name, was })} />;
              })}
            </ul>
          </>
        )}
      </Load>
    </Panel>
  );
}

function Segments({ campaign, open }: { campaign: Campaign; open: (a: Assigned) => void }) {
  const { t } = useTranslation();
  const assignments = useAssignments(campaign.id, 'segment');
  return (
    <Panel title={t('steer.segmentAssignments')} testid="segment-assignments"
      aside={<Button size="compact-sm" variant="light" leftSection={<IconPlus size={14} />} onClick={() => open({ kind: 'segment', id: '', name: '' })} data-testid="assign-segment">{t('steer.assignSegment')}</Button>}>
      <Load query={assignments} rows={1} empty={(all) => all.length === 0} whenEmpty={<p className={css.note}>{t('steer.noSegments')}</p>}>
        {(all) => (
          <ul className={css.assigned}>
            {all.map((a) => <Row key={a.id} kind="segment" id={a.id} name={a.name} assignment={a} progress={a.progress} open={() => open({ kind: 'segment', id: a.id, name: a.name, was: a })} />)}
          </ul>
        )}
      </Load>
    </Panel>
  );
}

/** Who of the contacts the campaign calls, which agents have which lists and segments, and how far they are. */
export function AssignView({ campaign }: { campaign: Campaign }) {
  const [chosen, setChosen] = useState<Assigned | null>(null);
  return (
    <div className={css.stack}>
      <SegmentsPanel campaign={campaign} />
      <Lists campaign={campaign} open={setChosen} />
      <Segments campaign={campaign} open={setChosen} />
      <TeamsPanel />
      {chosen && <AssignDialog campaign={campaign} of={chosen} onClose={() => setChosen(null)} />}
    </div>
  );
}

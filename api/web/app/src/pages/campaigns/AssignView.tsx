import { Badge, Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useLists } from '../../api/queries';
import type { Campaign } from '../../api/types';
import { Load, Panel, StatePill } from '../../ui/ui';
import { useAllProgress, type ListProgress } from '../lists/api';
import { ListBar } from '../lists/ProgressBar';
import { useAssignments, useTeams, useUserNames, type AssignmentStatus } from './api';
import { AssignDialog } from './AssignDialog';
import css from './campaigns.module.css';
import { SegmentsPanel } from './SegmentsPanel';
import { TeamsPanel } from './TeamsPanel';

const SHOWN = 8;

/** The agents and teams of an assignment by their names, the first few of many. */
function Who({ of }: { of: AssignmentStatus | undefined }) {
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
  id: string;
  name: string;
  assignment: AssignmentStatus | undefined;
  progress: ListProgress | undefined;
  open: () => void;
}

function Row({ id, name, assignment, progress, open }: RowProps) {
  const { t } = useTranslation();
  const p = assignment?.progress ?? progress;
  return (
    <li data-testid="assign-row" data-list={id} data-assigned={assignment ? assignment.state : 'no'}>
      <div className={css.assignedHead}>
        <Link href={`/lists/${id}`} className="truncate" title={name}>{name}</Link>
        {assignment && <StatePill state={assignment.state === 'open' ? 'good' : 'warn'}>{t(`steer.${assignment.state}`)}</StatePill>}
        <Who of={assignment} />
        <Button size="compact-sm" variant="default" onClick={open} aria-label={`${t(assignment ? 'steer.change' : 'steer.assign')}: ${name}`} data-testid="assign">{t(assignment ? 'steer.change' : 'steer.assign')}</Button>
      </div>
      {p ? <ListBar of={p} /> : <span className={css.who}>{t('lists.noContacts')}</span>}
    </li>
  );
}

/** Who of the contacts the campaign calls, which agents have which list, and how far they are. */
export function AssignView({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const assignments = useAssignments(campaign.id);
  const lists = useLists();
  const progress = useAllProgress().data?.items.filter((p) => p.campaign_id === campaign.id) ?? [];
  const [chosen, setChosen] = useState('');
  const ids = campaign.list_ids ?? [];
  const list = lists.data?.find((l) => l.id === chosen);
  return (
    <div className={css.stack}>
      <SegmentsPanel campaign={campaign} />
      <Panel title={t('steer.assignments')} testid="assignments">
        <Load query={assignments} empty={() => ids.length === 0} whenEmpty={<p className={css.note}>{t('steer.noLists')}</p>}>
          {(all) => (
            <>
              <p className={css.note}>{t('steer.assignHint')}</p>
              <ul className={css.assigned}>
                {ids.map((id) => (
                  <Row key={id} id={id} name={lists.data?.find((l) => l.id === id)?.name ?? '…'} assignment={all.find((a) => a.list_id === id)} progress={progress.find((p) => p.list_id === id)} open={() => setChosen(id)} />
                ))}
              </ul>
            </>
          )}
        </Load>
      </Panel>
      <TeamsPanel />
      {list && <AssignDialog campaign={campaign} list={list} was={assignments.data?.find((a) => a.list_id === chosen)} onClose={() => setChosen('')} />}
    </div>
  );
}

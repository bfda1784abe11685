import { Button, Checkbox, Group, SegmentedControl, Select, Table, VisuallyHidden } from '@mantine/core';
import { IconSchool } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { coachingURL, tasksURL, useCards, useTasks, useWeakness, type Task, type Weak } from '../../api/quality';
import { clock } from '../../lib/clock';
import { useFormats } from '../../lib/format';
import { Files } from '../../ui/Files';
import { Empty, Load, Panel, Scroll, StatePill } from '../../ui/ui';
import { useTeams } from '../campaigns/api';
import css from './quality.module.css';
import { toneOf } from './score';
import { Score } from './SheetForm';
import { DoneDialog, TaskDialog } from './TaskDialog';

interface WeakProps {
  rows: Weak[];
  all?: boolean;
  coach?: (w: Weak) => void;
}

function WeakRows({ rows, all, coach }: WeakProps) {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  const worst = Math.max(1, ...rows.map((w) => w.lost));
  return (
    <Scroll label={t(all ? 'quality.questionsAll' : 'quality.pairs')}>
      <Table className={`${css.table} ${css.tight}`}>
        <Table.Thead><Table.Tr>{!all && <Table.Th>{t('quality.agent')}</Table.Th>}<Table.Th>{t('quality.questionNoun')}</Table.Th><Table.Th>{t('quality.lostMean')}</Table.Th><Table.Th ta="right">{t('quality.missed')}</Table.Th><Table.Th ta="right">{t('quality.openTasks')}</Table.Th>{coach && <Table.Th><VisuallyHidden>{t('board.actions')}</VisuallyHidden></Table.Th>}</Table.Tr></Table.Thead>
        <Table.Tbody>
          {rows.map((w) => (
            <Table.Tr key={`${w.agent_id} ${w.card_id} ${w.question}`} data-testid="weak-row">
              {!all && <Table.Td className={css.cut} title={w.agent}>{w.agent}</Table.Td>}
              <Table.Td className={css.wide} title={`${w.text} (${w.card})`}>{w.fatal > 0 && <><StatePill state="bad">{t('quality.fatalTimes', { n: w.fatal })}</StatePill>&ensp;</>}<Link href={`/quality/evaluations/${w.last}`}>{w.text}</Link></Table.Td>
              <Table.Td><span className={css.loss}><i style={{ width: `${(w.lost / worst) * 70}px` }} /><b className="num">−{number.format(w.lost)}</b></span></Table.Td>
              <Table.Td ta="right" className="num">{f.number(w.missed)} / {f.number(w.n)}</Table.Td>
              <Table.Td ta="right" className="num">{w.open || '–'}</Table.Td>
              {coach && <Table.Td ta="right"><Button size="compact-xs" variant="light" aria-label={`${t('quality.coach')}: ${w.agent}, ${w.text}`} onClick={() => coach(w)} data-testid="coach-about">{t('quality.coachShort')}</Button></Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}

/** What agents are to be coached about. own: an agent reads his. */
export function Tasks({ own }: { own?: boolean }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [open, setOpen] = useState(true);
  const tasks = useTasks({ ...(open ? { open: 'true' } : {}) });
  const [done, setDone] = useState<Task | null>(null);
  const today = new Date(clock.now()).toISOString().slice(0, 10);
  return (
    <Panel title={t(own ? 'quality.myTasks' : 'quality.tasks')} className={css.below} testid="tasks" aside={<Group gap={10}><Checkbox size="xs" label={t('quality.onlyOpen')} checked={open} onChange={(e) => setOpen(e.currentTarget.checked)} /><Files url={(format) => tasksURL({}, format)} testid="tasks" /></Group>}>
      <Load query={tasks} rows={3} empty={(x) => x.length === 0} whenEmpty={<Empty icon={<IconSchool size={36} stroke={1.4} />} title={t('quality.noTasks')} hint={own ? undefined : t('quality.noTasksHint')} />}>
        {(all) => (
          <ul className={css.tasks}>
            {all.map((x) => {
              const late = !x.done_at && !!x.due_on && x.due_on.slice(0, 10) < today;
              return (
                <li key={x.id} data-testid="task-row" data-done={!!x.done_at || undefined}>
                  <div>
                    {!own && <b>{x.agent}</b>}{x.question_text && <span className={css.soft}>{x.question_text}</span>}
                    <p>{x.text}</p>
                    <small>{f.dateTime(x.created_at)} · {x.created_by}{x.due_on && <> · <span data-late={late || undefined}>{t('quality.dueBy', { day: f.day(Date.parse(x.due_on), 'UTC') })}</span></>}{x.evaluation_id && <> · <Link href={`/quality/evaluations/${x.evaluation_id}`}>{t('quality.evaluation')}</Link></>}</small>
                    {x.done_at && <small className={css.outcome}>{t('quality.doneBy', { name: x.done_by, when: f.dateTime(x.done_at) })}{x.outcome && `: ${x.outcome}`}</small>}
                  </div>
                  {x.done_at ? <StatePill state="good">{t('quality.done')}</StatePill> : !own && <Button size="compact-sm" variant="default" onClick={() => setDone(x)} data-testid="task-done">{t('quality.done')}</Button>}
                </li>
              );
            })}
          </ul>
        )}
      </Load>
      {done && <DoneDialog task={done} onClose={() => setDone(null)} />}
    </Panel>
  );
}

const SPANS = ['7', '30', '90'] as const;

/** Whom to coach about what, and what is under way. */
export function CoachingTab() {
  const { t } = useTranslation();
  const [days, setDays] = useState('30');
  const [card, setCard] = useState('');
  const [team, setTeam] = useState('');
  // To the next full hour, so that the question stays the same while the page is looked at.
  const to = Math.ceil(clock.now() / 3_600_000) * 3_600_000;
  const span = { from: new Date(to - Number(days) * 86_400_000).toISOString(), to: new Date(to).toISOString(), card_id: card, team_id: team };
  const weak = useWeakness(span);
  const cards = useCards().data ?? [];
  const teams = useTeams().data ?? [];
  const [coach, setCoach] = useState<Weak | null>(null);
  return (
    <>
      <div className={css.bar}>
        <SegmentedControl size="xs" aria-label={t('quality.span')} value={days} onChange={setDays} data={SPANS.map((value) => ({ value, label: t('quality.days', { n: value }) }))} data-testid="coaching-days" />
        <Select size="xs" w={190} clearable searchable placeholder={t('quality.anyCard')} aria-label={t('quality.card')} value={card || null} onChange={(v) => setCard(v ?? '')} data={cards.map((c) => ({ value: c.id, label: c.name }))} />
        <Select size="xs" w={190} clearable searchable placeholder={t('quality.anyTeam')} aria-label={t('quality.team')} value={team || null} onChange={(v) => setTeam(v ?? '')} data={teams.map((c) => ({ value: c.id, label: c.name }))} />
        <span className={css.push} />
        <Files url={(format) => coachingURL(span, format)} testid="coaching" />
      </div>
      <Load query={weak} empty={(w) => w.agents.length === 0} whenEmpty={<Panel><Empty icon={<IconSchool size={36} stroke={1.4} />} title={t('quality.nothingLost')} hint={t('quality.nothingLostHint')} /></Panel>}>
        {(w) => (
          <div className={css.two}>
            <Panel title={t('quality.pairs')} className={css.capped}>{w.pairs.length ? <WeakRows rows={w.pairs} coach={setCoach} /> : <Empty title={t('quality.allFull')} />}</Panel>
            <div>
              <Panel title={t('quality.agents')} className={css.capped}>
                <Scroll label={t('quality.agents')}>
                  <Table className={css.table}>
                    <Table.Thead><Table.Tr><Table.Th>{t('quality.agent')}</Table.Th><Table.Th>{t('quality.meanScore')}</Table.Th><Table.Th ta="right">n</Table.Th><Table.Th ta="right">{t('quality.openTasks')}</Table.Th></Table.Tr></Table.Thead>
                    <Table.Tbody>{w.agents.map((a) => <Table.Tr key={a.agent_id} data-testid="agent-score"><Table.Td className={css.cut} title={a.agent}><Link href={`/quality/trend?agent=${a.agent_id}`}>{a.agent}</Link></Table.Td><Table.Td><Score score={a.score} tone={toneOf(a.score)} /></Table.Td><Table.Td ta="right" className="num">{a.n}</Table.Td><Table.Td ta="right" className="num">{a.open || '–'}</Table.Td></Table.Tr>)}</Table.Tbody>
                  </Table>
                </Scroll>
              </Panel>
              <Panel title={t('quality.questionsAll')} className={`${css.capped} ${css.below}`}>{w.questions.length ? <WeakRows rows={w.questions} all /> : <Empty title={t('quality.allFull')} />}</Panel>
            </div>
          </div>
        )}
      </Load>
      <Tasks />
      {coach && <TaskDialog agent={{ id: coach.agent_id, name: coach.agent }} card={coach.card_id} evaluation={coach.last} question={coach.question} questions={[{ id: coach.question, text: coach.text }]} onClose={() => setCoach(null)} />}
    </>
  );
}

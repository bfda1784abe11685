import { Alert, Button, Progress, Text, UnstyledButton } from '@mantine/core';
import { IconChartDots, IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAskSimulation, useCancelSimulation, useSimulation, useSimulations } from '../../api/queries';
import type { Campaign, Simulation } from '../../api/types';
import { codeName } from '../../i18n';
import { useFormats } from '../../lib/format';
import { toastProblem } from '../../ui/toast';
import { Empty, Failed, Panel, RowsSkeleton, StatePill } from '../../ui/ui';
import { Answer } from './Answer';
import { AskForm } from './AskForm';
import { draftOf, firstDraft, isOpen, questionOf, tried } from './question';
import css from './whatif.module.css';

const states = { done: 'good', failed: 'bad', interrupted: 'bad', running: 'info', waiting: 'warn', cancelled: 'plain' };

/** A question in a few words. */
function useWords(campaign: Campaign) {
  const { t } = useTranslation();
  const f = useFormats();
  return ({ question: q }: Simulation) => [
    codeName('mode', q.mode ?? tried(campaign.settings.mode)),
    q.agents === undefined ? '' : q.agents === 1 ? t('whatif.oneAgent') : t('whatif.nAgents', { n: f.number(q.agents) }),
    q.from === undefined ? '' : `${q.from}–${q.until}`,
    q.target === undefined ? '' : f.percent(q.target),
  ].filter(Boolean).join(' · ');
}

function Working({ s }: { s: Simulation }) {
  const { t } = useTranslation();
  const f = useFormats();
  const cancel = useCancelSimulation();
  return (
    <Panel testid="whatif-working">
      <div className={css.working}>
        <Text fw={600}>{t(s.state === 'waiting' ? 'whatif.waiting' : 'whatif.running')}</Text>
        <Progress value={100 * s.progress} animated size="lg" aria-label={t('whatif.running')} data-testid="whatif-progress" />
        <div className={css.between}>
          <Text size="sm" c="dimmed" className="num">{s.state === 'running' ? f.percent(s.progress) : t('whatif.oneAtATime')}</Text>
          <Button size="compact-sm" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate(s.id, { onError: toastProblem })} data-testid="whatif-cancel">{t('act.cancel')}</Button>
        </div>
      </div>
    </Panel>
  );
}

function Ended({ s }: { s: Simulation }) {
  const { t } = useTranslation();
  const key = s.state === 'failed' ? (s.problem === 'too_few_calls' ? 'tooFew' : s.problem === 'unfit_record' ? 'unfit' : 'broken') : s.state === 'interrupted' ? 'interrupted' : 'cancelled';
  return (
    <Panel testid="whatif-ended">
      <Empty title={t(`whatif.${key}`)} hint={t(`whatif.hint.${key}`)} />
    </Panel>
  );
}

function Shown({ id, campaign }: { id: string; campaign: Campaign }) {
  const one = useSimulation(id);
  const s = one.data;
  if (!s) return <Panel>{one.isError ? <Failed error={one.error} retry={() => void one.refetch()} /> : <RowsSkeleton rows={8} />}</Panel>;
  if (isOpen(s)) return <Working s={s} />;
  if (!s.answer) return <Ended s={s} />;
  return <Answer answer={s.answer} campaign={campaign} />;
}

/** What would become of the campaign with other agents, hours, cap or mode. */
export function WhatIfView({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const f = useFormats();
  const all = useSimulations(campaign.id);
  const ask = useAskSimulation(campaign.id);
  const words = useWords(campaign);
  const [picked, pick] = useState<string | null>(null);
  const list = all.data ?? [];
  // What somebody else asks meanwhile shows up, but leaves the form alone.
  const shown = list.find((s) => s.id === picked) ?? list.find((s) => isOpen(s) || s.state === 'done') ?? list[0];
  const id = picked ?? shown?.id;
  return (
    <div className={css.page} data-testid="whatif">
      <div className={css.side}>
        <Panel title={t('whatif.title')}>
          <Text size="sm" c="dimmed" className={css.intro}>{t('whatif.intro')}</Text>
          <AskForm key={picked ?? 'first'} campaign={campaign} initial={picked && shown ? draftOf(shown.question, campaign) : firstDraft(campaign)} busy={ask.isPending}
            onAsk={(d) => ask.mutate(questionOf(d, campaign.settings.zone ? '' : Intl.DateTimeFormat().resolvedOptions().timeZone), { onSuccess: (s) => pick(s.id), onError: toastProblem })} />
        </Panel>
        {list.length > 0 && (
          <Panel title={t('whatif.earlier')}>
            <ul className={css.earlier}>
              {list.map((s) => (
                <li key={s.id}>
                  <UnstyledButton className={css.earlierRow} aria-current={s.id === id} onClick={() => pick(s.id)} data-testid="whatif-row" data-simulation={s.id}>
                    <span className="truncate">{words(s)}</span>
                    <StatePill state={states[s.state] ?? 'plain'}>{s.state === 'running' ? f.percent(s.progress) : codeName('simulation', s.state)}</StatePill>
                    <small>{f.dateTime(s.created_at)}</small>
                  </UnstyledButton>
                </li>
              ))}
            </ul>
          </Panel>
        )}
      </div>
      <div className={css.main}>
        {all.isError && <Alert color="red" variant="light" icon={<IconInfoCircle size={18} />}><Failed error={all.error} retry={() => void all.refetch()} /></Alert>}
        {all.isPending && <Panel><RowsSkeleton rows={8} /></Panel>}
        {all.data && !id && <Panel testid="whatif-empty"><Empty icon={<IconChartDots size={36} stroke={1.4} aria-hidden />} title={t('whatif.empty')} hint={t('whatif.emptyHint')} /></Panel>}
        {id && <Shown key={id} id={id} campaign={campaign} />}
      </div>
    </div>
  );
}

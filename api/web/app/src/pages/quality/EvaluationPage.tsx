import { Alert, Button, Group, Modal, Stack, Tabs, Text, Textarea } from '@mantine/core';
import { IconGavel, IconPencil } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAcknowledge, useAppeal, useCorrect, useDecide, useEvaluation, type EvaluationWhole } from '../../api/quality';
import { clock } from '../../lib/clock';
import { useFormats } from '../../lib/format';
import { useUser } from '../../lib/session';
import { toastOK, toastProblem } from '../../ui/toast';
import { Load, Page, Panel, StatePill } from '../../ui/ui';
import { Player, type PlayerHandle } from '../calls/Player';
import css from './quality.module.css';
import { answered, givenOf, questionsOf, scoreOf, sheetOf, toneOf, type Given } from './score';
import { Score, SheetForm, type Places } from './SheetForm';
import { TaskDialog } from './TaskDialog';

function About({ e }: { e: EvaluationWhole }) {
  const { t } = useTranslation();
  const f = useFormats();
  return (
    <Group gap={18} mb={10} className={css.about} data-testid="about-call">
      <span>{t('quality.agent')} <b>{e.agent}</b></span><span>{t('quality.called')} <b>{f.dateTime(e.called_at)}</b></span><span>{t('quality.campaign')} <b>{e.campaign || '–'}</b></span>
      <span>{t('quality.card')} <b>{e.card} · {e.card_version}</b></span><span>{t('quality.evaluator')} <b>{e.evaluator}</b></span><span>{t('quality.submittedAt')} <b>{f.dateTime(e.submitted_at)}</b></span>
    </Group>
  );
}

/** What became of a score: its first value, changes with reasons, appeal and answer. */
function Story({ e }: { e: EvaluationWhole }) {
  const { t } = useTranslation();
  const f = useFormats();
  const p = e.appeal_text;
  return (
    <ol className={css.story} data-testid="story">
      <li><time>{f.dateTime(e.submitted_at)}</time><span>{t('quality.story.submitted', { name: e.evaluator })}</span><Score score={e.submitted_score} tone={toneOf(e.submitted_score)} /></li>
      {p && <li data-testid="appeal-text"><time>{f.dateTime(p.at)}</time><span>{t('quality.story.appealed')}<q>{p.text}</q></span></li>}
      {e.history.map((h, i) => <li key={i}><time>{f.dateTime(h.at)}</time><span>{t(`quality.story.${h.kind}`, { name: h.by })}<q>{h.reason}</q></span><Score score={h.score} tone={toneOf(h.score)} /></li>)}
      {p?.verdict === 'upheld' && <li><time>{f.dateTime(p.decided_at)}</time><span>{t('quality.story.upheld', { name: p.decided_by })}<q>{p.answer}</q></span></li>}
      {e.acknowledged_at && <li><time>{f.dateTime(e.acknowledged_at)}</time><span>{t('quality.story.acknowledged')}</span></li>}
    </ol>
  );
}

function Own({ e }: { e: EvaluationWhole }) {
  const { t } = useTranslation();
  const f = useFormats();
  const acknowledge = useAcknowledge(e.id);
  const appeal = useAppeal(e.id);
  const [text, setText] = useState('');
  const [opened, setOpened] = useState(false);
  const open = e.appeal === 'none' && Date.parse(e.appeal_until) > clock.now();
  if (e.acknowledged_at && !open) return null;
  return (
    <Alert color="blue" mb={12} p="sm" classNames={{ title: css.alert }} title={t(e.acknowledged_at ? 'quality.mayAppeal' : 'quality.pleaseSee')} data-testid="own-actions">
      <Group gap={8}>
        {!e.acknowledged_at && <Button size="compact-md" loading={acknowledge.isPending} onClick={() => acknowledge.mutate(undefined, { onSuccess: () => toastOK(t('quality.acknowledged')), onError: toastProblem })} data-testid="acknowledge">{t('quality.acknowledge')}</Button>}
        {open && <Button size="compact-md" variant="default" onClick={() => setOpened(true)} data-testid="appeal">{t('quality.appeal')}</Button>}
        <Text size="sm">{open ? t('quality.until', { when: f.dateTime(e.appeal_until) }) : t(e.appeal === 'none' ? 'quality.over' : 'quality.once')}</Text>
      </Group>
      <Modal opened={opened} onClose={() => setOpened(false)} title={t('quality.appeal')}>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">{t('quality.appealHint')}</Text>
          <Textarea label={t('quality.appealText')} autosize minRows={3} maxRows={10} maxLength={2000} data-autofocus value={text} onChange={(x) => setText(x.currentTarget.value)} data-testid="appeal-words" />
          <Group justify="flex-end"><Button disabled={!text.trim()} loading={appeal.isPending} onClick={() => appeal.mutate(text.trim(), { onSuccess: () => { setOpened(false); toastOK(t('quality.appealed')); }, onError: toastProblem })} data-testid="appeal-send">{t('quality.appeal')}</Button></Group>
        </Stack>
      </Modal>
    </Alert>
  );
}

interface ChangeProps {
  e: EvaluationWhole;
  appeal: boolean;
  places?: Places;
  onClose: () => void;
}

/** Other answers for a reason: a correction, or the decision of an appeal. */
function ChangeForm({ e, appeal, places, onClose }: ChangeProps) {
  const { t } = useTranslation();
  const [given, setGiven] = useState<Given>(() => givenOf(e.sheet));
  const [comment, setComment] = useState(e.sheet.comment ?? '');
  const [reason, setReason] = useState('');
  const correct = useCorrect(e.id);
  const decide = useDecide(e.id);
  const result = scoreOf(e.body, given);
  const whole = answered(e.body, given) === questionsOf(e.body).length;
  const done = { onSuccess: () => { toastOK(t('quality.saved')); onClose(); }, onError: toastProblem };
  const sheet = () => sheetOf(e.body, given, comment);
  const change = () => (appeal ? decide.mutate({ verdict: 'changed', answer: reason.trim(), sheet: sheet() }, done) : correct.mutate({ ...sheet(), reason: reason.trim() }, done));
  const same = result?.score === e.score;
  return (
    <Panel testid="change-form">
      <div className={css.why}>
        {appeal && <blockquote>{e.appeal_text?.text}</blockquote>}
        <Textarea label={t(appeal ? 'quality.decisionText' : 'quality.reason')} description={t(appeal ? 'quality.decisionHint' : 'quality.reasonHint')} autosize minRows={2} maxRows={6} maxLength={2000} required data-autofocus value={reason} onChange={(x) => setReason(x.currentTarget.value)} data-testid="change-reason" />
      </div>
      <SheetForm card={e.body} given={given} comment={comment} set={setGiven} setComment={setComment} places={places} />
      <div className={css.foot}>
        <Score score={e.score} tone={toneOf(e.score)} />{result && <><span aria-hidden>→</span><Score score={result.score} fatal={result.fatal} tone={toneOf(result.score)} /></>}
        <Button ml="auto" variant="default" onClick={onClose}>{t('act.cancel')}</Button>
        {appeal && <Button variant="default" disabled={!reason.trim()} loading={decide.isPending && same} onClick={() => decide.mutate({ verdict: 'upheld', answer: reason.trim() }, done)} data-testid="uphold">{t('quality.uphold')}</Button>}
        <Button disabled={!reason.trim() || !whole || (appeal && same)} loading={correct.isPending || (decide.isPending && !same)} onClick={change} data-testid="change-save">{t(appeal ? 'quality.changeScore' : 'quality.correct')}</Button>
      </div>
    </Panel>
  );
}

function Body({ e }: { e: EvaluationWhole }) {
  const { t } = useTranslation();
  const me = useUser();
  const staff = me.role !== 'agent';
  const player = useRef<PlayerHandle>(null);
  const [mode, setMode] = useState<'' | 'correct' | 'decide'>('');
  const [coach, setCoach] = useState(false);
  const [version, setVersion] = useState('now');
  const places = e.seconds > 0 ? { now: () => player.current?.now() ?? 0, seek: (s: number) => player.current?.seek(s) } : undefined;
  const shown = version === 'now' ? e.sheet : e.submitted_sheet;
  const mine = me.id === e.evaluator_id;
  return (
    <>
      <About e={e} />
      {!staff && <Own e={e} />}
      {e.appeal === 'open' && staff && mode === '' && (
        <Alert color="yellow" mb={12} p="sm" classNames={{ title: css.alert, icon: css.alert }} icon={<IconGavel size={18} />} title={t('quality.appealOpen')} data-testid="appeal-open">
          <Text size="sm" mb={6}>{t(mine ? 'quality.notYours' : 'quality.decideHint')}</Text>
          {!mine && <Button size="compact-md" onClick={() => setMode('decide')} data-testid="decide">{t('quality.decide')}</Button>}
        </Alert>
      )}
      {e.seconds > 0 && <Player id={e.attempt_id} still handle={player} of={staff ? undefined : e.id} />}
      {mode !== '' ? <ChangeForm e={e} appeal={mode === 'decide'} places={places} onClose={() => setMode('')} /> : (
        <div className={css.split}>
          <Panel title={<Group gap={10}><Score score={e.score} fatal={e.fatal} tone={toneOf(e.score)} />{e.changes > 0 && <StatePill state="info">{t('quality.changed')}</StatePill>}</Group>}
            aside={staff && (
              <Group gap={8}>
                <Button size="compact-sm" variant="default" onClick={() => setCoach(true)} data-testid="coach">{t('quality.coach')}</Button>
                {e.appeal !== 'open' && <Button size="compact-sm" variant="default" leftSection={<IconPencil size={14} />} onClick={() => setMode('correct')} data-testid="correct">{t('quality.correct')}</Button>}
              </Group>
            )}>
            {e.changes > 0 && <Tabs value={version} onChange={(v) => setVersion(v ?? 'now')} px="sm"><Tabs.List><Tabs.Tab value="now">{t('quality.now')}</Tabs.Tab><Tabs.Tab value="first">{t('quality.first')}</Tabs.Tab></Tabs.List></Tabs>}
            <SheetForm card={e.body} given={givenOf(shown)} comment={shown.comment ?? ''} places={places} />
          </Panel>
          <Panel title={t('quality.storyTitle')}><Story e={e} /></Panel>
        </div>
      )}
      {coach && <TaskDialog agent={{ id: e.agent_id, name: e.agent }} card={e.card_id} evaluation={e.id} question="" questions={questionsOf(e.body)} onClose={() => setCoach(false)} />}
    </>
  );
}

/** One evaluation: the recording, the card filled in, and what became of it. */
export function EvaluationPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const e = useEvaluation(id);
  return <Page title={t('quality.evaluation')}><Load query={e}>{(x) => <Body key={`${x.changes} ${x.appeal}`} e={x} />}</Load></Page>;
}

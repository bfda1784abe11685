import { Button, Kbd, NumberInput, Textarea, TextInput } from '@mantine/core';
import { IconArrowBackUp, IconBulb, IconFlag } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useScript } from '../../api/queries';
import type { Pop, Screen, ScriptDocument, ScriptStep } from '../../api/types';
import { useKeys, type Keys } from '../../lib/keys';
import { load, save } from '../../lib/storage';
import { Empty, Failed, RowsSkeleton } from '../../ui/ui';
import css from './agent.module.css';
import { useCommand } from './command';
import { dispositionName, localText } from './names';
import { advance, answered, begin, fill, goBack, isLast, nextFrom, plainNext, stepOf, type Progress } from './script';

interface AskProps {
  step: ScriptStep;
  value: unknown;
  onChange: (v: unknown) => void;
}

function Ask({ step, value, onChange }: AskProps) {
  const { t } = useTranslation();
  const ask = step.ask;
  if (!ask || ask.type === 'none') return null;
  const label = t('desk.script.answer');
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  if (ask.type === 'single') {
    return (
      <div role="radiogroup" aria-label={label} className={css.options}>
        {(ask.options ?? []).map((o, i) => (
          <label key={o.value} className={css.option} data-checked={value === o.value || undefined}>
            <input type="radio" name={'step-' + step.id} checked={value === o.value} onChange={() => onChange(o.value)}
              data-testid={`option-${o.value}`} />
            <span>{localText(o.label) || o.value}</span>
            {i < 8 && <Kbd size="xs" aria-hidden>{'ABCDEFGH'[i]}</Kbd>}
          </label>
        ))}
      </div>
    );
  }
  if (ask.type === 'number') {
    return <NumberInput aria-label={label} value={text} onChange={(v) => onChange(v === '' ? '' : Number(v))} maw={260} data-testid="answer" />;
  }
  if (ask.type === 'date') {
    return <TextInput type="date" aria-label={label} value={text} onChange={(e) => onChange(e.currentTarget.value)} maw={260} data-testid="answer" />;
  }
  return (
    <Textarea aria-label={label} value={text} autosize minRows={2} maxRows={6} maxLength={2000}
      onChange={(e) => onChange(e.currentTarget.value)} data-testid="answer" />
  );
}

interface PlayerProps {
  doc: ScriptDocument;
  pop: Pop;
  screen: Screen;
  onSuggest: (code: string) => void;
}

function Player({ doc, pop, screen, onSuggest }: PlayerProps) {
  const { t } = useTranslation();
  const { run, busy } = useCommand();
  const key = 'dialtide.draft.script.' + pop.attempt_id;
  const [progress, setProgress] = useState<Progress>(() => {
    const kept = load<Progress>(key);
    const fits = kept?.path.every((id) => id === '' || stepOf(doc, id));
    return fits && kept ? { path: kept.path, answers: { ...pop.answers, ...kept.answers } } : begin(doc, pop.answers);
  });
  const [moving, setMoving] = useState(false);
  const [missing, setMissing] = useState(false);
  useEffect(() => save(key, { ...progress, at: Date.now() }), [key, progress]);

  const id = progress.path.at(-1) ?? '';
  const step = id === '' ? undefined : stepOf(doc, id);
  const value = step ? progress.answers[step.id] : undefined;
  const suggest = step?.suggest;
  useEffect(() => {
    if (suggest) onSuggest(suggest);
  }, [suggest, onSuggest]);

  const set = (v: unknown) => {
    setMissing(false);
    if (step) setProgress((p) => ({ ...p, answers: { ...p.answers, [step.id]: v } }));
  };
  const next = async () => {
    if (!step || isLast(step) || moving) return;
    if (!answered(step, value)) {
      setMissing(true);
      return;
    }
    const plain = plainNext(step);
    const command = { attempt_id: pop.attempt_id, step: step.id, value: value ?? null };
    if (plain !== undefined) {
      // Nothing to decide: go on at once, the answer follows.
      if (value !== undefined && value !== '') void run('answer', command);
      setProgress((p) => advance(p, step.id, value, plain));
      return;
    }
    setMoving(true);
    const ack = await run('answer', command);
    setMoving(false);
    if (ack.ok) setProgress((p) => advance(p, step.id, value, nextFrom(step, ack.data)));
  };
  const keys: Keys = { enter: () => void next() };
  step?.ask?.options?.slice(0, 8).forEach((o, i) => {
    keys['abcdefgh'[i]!] = () => set(o.value);
  });
  useKeys(keys);

  const back = progress.path.length > 1 && (
    <Button variant="subtle" color="gray" leftSection={<IconArrowBackUp size={16} />} onClick={() => setProgress(goBack)}
      data-testid="script-back">
      {t('desk.script.back')}
    </Button>
  );
  if (!step) {
    const title = id === '' ? t('desk.script.end') : t('desk.script.broken');
    return (
      <div data-testid="script-end">
        <Empty icon={<IconFlag size={34} stroke={1.4} />} title={title} hint={t('desk.script.endHint')} action={back} />
      </div>
    );
  }
  return (
    <div className={css.step} data-testid="script-step" data-step={step.id}>
      <h2 className={css.stepTitle}>{localText(step.title) || t('desk.script.step', { n: progress.path.length })}</h2>
      <p className={css.say}>{fill(localText(step.text), pop, screen.agent.name, progress.answers)}</p>
      {suggest && (
        <p className={css.suggest}><IconBulb size={16} aria-hidden />
          {t('desk.script.suggested', { name: dispositionName(pop.dispositions, suggest) })}</p>
      )}
      <Ask step={step} value={value} onChange={set} />
      {missing && <p role="alert" className={css.missing}>{t('desk.script.required')}</p>}
      <div className={css.stepActions}>
        {!isLast(step) && (
          <Button onClick={() => void next()} loading={moving || (busy === 'answer' && moving)} rightSection={<Kbd size="xs" className={css.kbdOn}>Enter</Kbd>}
            data-testid="script-next">
            {t('desk.script.next')}
          </Button>
        )}
        {back}
      </div>
    </div>
  );
}

export function ScriptPlayer({ screen, pop, onSuggest }: { screen: Screen; pop: Pop; onSuggest: (code: string) => void }) {
  const { t } = useTranslation();
  const script = useScript(pop.script?.id, pop.script?.version);
  const none = !pop.script || !pop.script.version || /^[0-]*$/.test(pop.script.id);
  let body = <RowsSkeleton rows={4} />;
  if (none) body = <Empty title={t('desk.script.none')} />;
  else if (script.data) body = <Player doc={script.data.body} pop={pop} screen={screen} onSuggest={onSuggest} />;
  else if (script.isError) body = <Failed error={script.error} retry={() => void script.refetch()} />;
  return <section className={css.panel} aria-label={t('desk.script.title')} data-testid="script">{body}</section>;
}

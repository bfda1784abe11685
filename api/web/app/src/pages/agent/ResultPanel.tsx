import { Button, Checkbox, Group, Kbd, Text, Textarea, TextInput } from '@mantine/core';
import { IconBulb } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLawful } from '../../api/callbacks';
import type { DispositionCode, Pop, Screen } from '../../api/types';
import { commandText } from '../../i18n/problem';
import { clock } from '../../lib/clock';
import { useFormats } from '../../lib/format';
import { useKeys, type Keys } from '../../lib/keys';
import { fromWall, knownZone, toWall, wholeMinute } from '../../lib/zone';
import { useConnection, useStream } from '../../stream/context';
import type { Ack } from '../../stream/outbox';
import { toastOK, toastText } from '../../ui/toast';
import { LawfulNote } from '../callbacks/LawfulNote';
import css from './agent.module.css';
import { useCommand } from './command';
import { useDraft, type Draft } from './draft';
import { keyText, useActions, useKeymap } from './keymap';
import { labelOf } from './names';
import { NeverAgain } from './NeverAgain';

const HOUR = 3_600_000;
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

interface CallbackProps {
  attempt: string;
  zone: string;
  draft: Draft;
  change: (d: Partial<Draft>) => void;
  /** The first lawful moment, when the server has just refused the chosen one. */
  refused: Date | null;
}

function CallbackTime({ attempt, zone, draft, change, refused }: CallbackProps) {
  const { t } = useTranslation();
  const f = useFormats();
  const at = draft.callback ? fromWall(draft.callback, zone) : null;
  const pick = (ms: number) => change({ callback: toWall(ms, zone) });
  const tomorrow = () => change({ callback: toWall(clock.now() + 24 * HOUR, zone).slice(0, 10) + 'T10:00' });
  const box = useRef<HTMLDivElement>(null);
  // In a low window it appears below the edge.
  useEffect(() => {
    box.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const { law, asking } = useLawful({ attempt_id: attempt }, at, !!at && at.getTime() > clock.now());
  const error = at && at.getTime() < clock.now() ? t('desk.result.past') : undefined;
  return (
    <div ref={box} className={css.callback}>
      <TextInput type="datetime-local" label={t('desk.result.callbackAt')} value={draft.callback} error={error}
        description={t('desk.result.calleeTime', { zone })} min={toWall(clock.now(), zone)}
        onChange={(e) => change({ callback: e.currentTarget.value })} data-testid="callback-at" />
      <LawfulNote law={law} asking={asking} zone={zone} onUse={(next) => pick(next.getTime())} />
      {refused && law?.ok !== false && (
        <Button size="compact-xs" variant="light" onClick={() => pick(refused.getTime())} data-testid="callback-next">
          {t('agenda.useNext', { when: `${f.day(refused.getTime(), zone)} ${f.time(refused.getTime(), zone)}` })}
        </Button>
      )}
      <Group gap={6}>
        <Button size="compact-xs" variant="default" onClick={() => pick(clock.now() + HOUR / 4)} data-testid="callback-in15">{t('desk.result.in15')}</Button>
        <Button size="compact-xs" variant="default" onClick={() => pick(clock.now() + HOUR)}>{t('desk.result.in60')}</Button>
        <Button size="compact-xs" variant="default" onClick={tomorrow}>{t('desk.result.tomorrow')}</Button>
      </Group>
      {at && zone !== ownZone && <Text size="xs" c="dimmed">{t('desk.result.yourTime', { time: f.dateTime(at.getTime()) })}</Text>}
      <Checkbox size="xs" label={t('desk.result.mine')} checked={draft.mine} data-testid="callback-mine"
        onChange={(e) => change({ mine: e.currentTarget.checked })} />
    </div>
  );
}

/** Id of what is wrong with the result. */
const PROBLEM = 'result-problem';

interface CodesProps {
  codes: DispositionCode[];
  chosen: string;
  suggested: string;
  disabled: boolean;
  choose: (code: string) => void;
}

function Codes({ codes, chosen, suggested, disabled, choose }: CodesProps) {
  const { t } = useTranslation();
  return (
    <div role="radiogroup" aria-label={t('desk.result.title')} aria-required aria-describedby={PROBLEM} className={css.codes}>
      {codes.map((d, i) => (
        <label key={d.code} className={css.option} data-checked={chosen === d.code || undefined}
          data-disabled={disabled || undefined} title={t(`code.effect.${d.effect}`)}>
          <input type="radio" name="result" checked={chosen === d.code} disabled={disabled} onChange={() => choose(d.code)}
            data-testid={`disposition-${d.code}`} />
          <span>{labelOf(d)}</span>
          {suggested === d.code && <IconBulb size={15} className={css.hint} aria-label={t('desk.script.suggested', { name: '' })} />}
          {i < 9 && <Kbd size="xs" aria-hidden>{i + 1}</Kbd>}
        </label>
      ))}
    </div>
  );
}

/** Sends the draft once under a stored command id; until the acknowledgement it is resent after every reconnect. */
function useDispose(pop: Pop, draft: Draft, change: (d: Partial<Draft>) => void) {
  const { t } = useTranslation();
  const stream = useStream();
  const [problem, setProblem] = useState('');
  const [refused, setRefused] = useState<Date | null>(null);
  const here = useRef(false);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  const settled = useRef((ack: Ack, away = false) => {
    // The wrap-up's time was over before the word got through: this panel is gone, or another call's.
    if (!here.current) {
      if (!ack.ok) toastText(t('desk.result.orphanFailed', { message: commandText(ack.error) }));
      else if (away) toastOK(t('desk.result.orphanSaved'));
      return;
    }
    if (ack.ok) return;
    // The field is the command's own here, which the sentence names already.
    const unlawful = ack.error?.code === 'callback_unlawful';
    setProblem(commandText(unlawful ? { ...ack.error!, field: undefined } : ack.error));
    setRefused(unlawful && ack.error?.next ? wholeMinute(ack.error.next) : null);
    change({ sent: '' });
  });
  // After a reload the stored command may still be under way, or it may be long settled.
  const first = useRef(draft.sent);
  useEffect(() => {
    if (!first.current) return;
    const waiting = stream.attach(first.current);
    if (waiting) void waiting.then((ack) => settled.current(ack, true));
    else change({ sent: '' });
    // Only once, for what the last page left behind.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  const dispose = (callbackAt: Date | null, asked: Record<string, string>, follow: boolean) => {
    setProblem('');
    setRefused(null);
    const { id, done } = stream.durable('dispose', {
      attempt_id: pop.attempt_id, code: draft.code, note: draft.note.trim(),
      callback_at: callbackAt?.toISOString() ?? null, callback_mine: callbackAt !== null && draft.mine,
      fields: asked, follow_up: follow ? draft.follow.trim() : '',
    });
    change({ sent: id });
    let away = stream.connection() !== 'open';
    const stop = stream.onConnection(() => {
      away = true;
    });
    void done.then((ack) => {
      stop();
      settled.current(ack, away);
    });
  };
  return { dispose, problem, setProblem, refused, setRefused };
}

export function ResultPanel({ screen, pop, suggested }: { screen: Screen; pop: Pop; suggested: string }) {
  const { t } = useTranslation();
  const [draft, change] = useDraft(pop.attempt_id, screen.drafts);
  const { dispose, problem, setProblem, refused, setRefused } = useDispose(pop, draft, change);
  const online = useConnection() === 'open';
  const map = useKeymap();
  const { run, busy } = useCommand();
  const note = useRef<HTMLTextAreaElement>(null);
  const codes = pop.dispositions ?? [];
  const chosen = codes.find((d) => d.code === draft.code);
  const ended = screen.call?.status === 'ended' || screen.state === 'WrapUp';
  const sending = draft.sent !== '';
  const zone = knownZone(pop.contact.zone) ? pop.contact.zone : ownZone;

  // What the result asks for and the contact does not have yet.
  const known = pop.contact.fields ?? {};
  const required = (chosen?.required_fields ?? []).filter((k) => !known[k]?.trim() || draft.fields[k] !== undefined);
  const missing = required.filter((k) => !draft.fields[k]?.trim());
  const follows = !!chosen && (!!chosen.follow_up || !!pop.follow_ups);
  const wrap = screen.wrap_up;
  const auto = wrap?.mode === 'timed_auto' ? codes.find((d) => d.code === wrap.auto_code) : undefined;
  const free = ended && wrap?.mode === 'optional' && !sending;

  const choose = (code: string) => {
    setProblem('');
    if (!sending) change({ code });
  };
  const save = () => {
    if (sending || !ended) return;
    if (!chosen) return setProblem(t('desk.result.choose'));
    const at = chosen.effect === 'callback' ? fromWall(draft.callback, zone) : null;
    if (chosen.effect === 'callback' && !at) return setProblem(t('desk.result.needTime'));
    if (at && at.getTime() < clock.now()) return setProblem(t('desk.result.past'));
    const empty = missing[0];
    if (empty) return setProblem(t('desk.result.needField', { name: empty }));
    dispose(at, Object.fromEntries(required.map((k) => [k, draft.fields[k]!.trim()])), follows);
  };
  const keys: Keys = {};
  codes.slice(0, 9).forEach((d, i) => {
    keys[String(i + 1)] = () => choose(d.code);
  });
  useKeys(keys);
  useActions({ save, note: () => note.current?.focus() });

  const hint = sending ? (online ? '' : t('desk.result.offline')) : ended ? '' : t('desk.result.afterCall');
  return (
    <section className={`${css.panel} ${css.result}`} aria-label={t('desk.result.title')} data-testid="result">
      <h3 className={css.small}>{t('desk.result.title')}</h3>
      <Codes codes={codes} chosen={draft.code} suggested={suggested} disabled={sending} choose={choose} />
      <NeverAgain pop={pop} onDone={() => {
        const never = codes.find((d) => d.effect === 'dnc');
        if (never) choose(never.code);
      }} />
      {chosen?.effect === 'callback' && <CallbackTime attempt={pop.attempt_id} zone={zone} draft={draft} refused={refused} change={(d) => {
        change(d);
        setProblem('');
        setRefused(null);
      }} />}
      {required.map((k) => (
        <TextInput key={k} label={k} withAsterisk aria-required value={draft.fields[k] ?? ''} disabled={sending} maxLength={500} error={!!problem && !draft.fields[k]?.trim()} data-testid={`required-${k}`}
          onChange={(e) => change({ fields: { ...draft.fields, [k]: e.currentTarget.value } })} />
      ))}
      {follows && <TextInput label={t('desk.result.followUp')} value={draft.follow} maxLength={1000} disabled={sending} data-testid="follow-up"
        onChange={(e) => change({ follow: e.currentTarget.value })} />}
      <Textarea ref={note} label={t('desk.result.note')} placeholder={t('desk.result.notePlaceholder')} autosize minRows={3}
        maxRows={8} maxLength={4000} value={draft.note} disabled={sending} onChange={(e) => change({ note: e.currentTarget.value })}
        data-testid="note" />
      <div className={css.saveRow}>
        {problem && <Text size="sm" c="red" role="alert" id={PROBLEM} data-testid="result-problem">{problem}</Text>}
        {auto && !sending && <Text size="xs" c="dimmed">{t('desk.wrapUp.auto', { name: labelOf(auto) })}</Text>}
        {hint && <Text size="xs" c="dimmed" role="status">{hint}</Text>}
        <Button fullWidth disabled={!ended} loading={sending} onClick={save} data-testid="save-result"
          rightSection={<Kbd size="xs" className={css.kbdOn}>{keyText(map.save)}</Kbd>}>
          {t('desk.result.save')}
        </Button>
        {free && <Button fullWidth variant="default" loading={busy === 'ready'} onClick={() => void run('ready')} data-testid="without-result">{t('desk.wrapUp.without')}</Button>}
      </div>
    </section>
  );
}

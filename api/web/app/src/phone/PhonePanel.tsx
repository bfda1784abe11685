import { Alert, Button, Popover, Select, Switch } from '@mantine/core';
import { IconAlertTriangle, IconHeadphones, IconMicrophone, IconPhoneCheck, IconPhonePause, IconPhoneX } from '@tabler/icons-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { codeName } from '../i18n';
import { useFormats } from '../lib/format';
import { usePhone, type Phone } from './context';
import css from './phone.module.css';
import type { Device } from './types';

const SHOWN = ['up', 'waiting', 'connecting', 'starting', 'lost', 'other_tab', 'elsewhere'] as const;

// The colours are those of the phone's state on the state bar.
const look: Record<(typeof SHOWN)[number], string> = {
  up: 'up', waiting: 'ringing', connecting: 'ringing', starting: 'ringing', lost: 'down', other_tab: 'down', elsewhere: 'down',
};

function bars(ref: React.RefObject<HTMLDivElement | null>, value: number) {
  ref.current?.style.setProperty('transform', `scaleX(${value.toFixed(2)})`);
  if (ref.current?.parentElement) ref.current.parentElement.dataset.level = String(Math.round(value * 100));
}

/** How loud microphone and loudspeaker are, ten times a second, past React. */
function Meters({ phone }: { phone: Phone }) {
  const { t } = useTranslation();
  const mic = useRef<HTMLDivElement>(null);
  const speaker = useRef<HTMLDivElement>(null);
  const { level } = phone;
  useEffect(() => {
    const timer = setInterval(() => {
      const now = level();
      bars(mic, now.mic);
      bars(speaker, now.speaker);
    }, 100);
    return () => clearInterval(timer);
  }, [level]);
  return (
    <div className={css.meters}>
      <IconMicrophone size={16} stroke={1.7} aria-hidden /><span>{t('phone.you')}</span>
      <div className={css.meter} data-testid="level-mic"><div ref={mic} /></div>
      <IconHeadphones size={16} stroke={1.7} aria-hidden /><span>{t('phone.them')}</span>
      <div className={css.meter} data-testid="level-speaker"><div ref={speaker} /></div>
    </div>
  );
}

function Quality({ phone }: { phone: Phone }) {
  const { t } = useTranslation();
  const f = useFormats();
  const q = phone.quality;
  if (!q) return null;
  const value = (n: number | null, unit: string, digits = 0) => (n === null ? '–' : `${f.number(Number(n.toFixed(digits)))} ${unit}`);
  return (
    <dl className={css.quality} data-testid="phone-quality" data-word={q.word} data-loss={q.loss ?? ''} data-jitter={q.jitter_ms ?? ''}
      data-rtt={q.rtt_ms ?? ''} data-codec={q.codec}>
      <div><dt>{t('phone.quality')}</dt><dd data-word={q.word}>{codeName('phoneQuality', q.word)}</dd></div>
      <div><dt>{t('phone.loss')}</dt><dd className="num">{value(q.loss, '%', 1)}</dd></div>
      <div><dt>{t('phone.jitter')}</dt><dd className="num">{value(q.jitter_ms, 'ms')}</dd></div>
      <div><dt>{t('phone.rtt')}</dt><dd className="num">{value(q.rtt_ms, 'ms')}</dd></div>
      {q.codec && <div><dt>{t('phone.codec')}</dt><dd>{q.codec === 'pcmu' ? 'G.711' : q.codec}</dd></div>}
    </dl>
  );
}

function Choice({ label, value, list, onChange, testid }: { label: string; value: string; list: Device[]; onChange: (id: string) => void; testid: string }) {
  const { t } = useTranslation();
  const data = [{ value: '', label: t('phone.system') }, ...list.map((d, i) => ({ value: d.id, label: d.label || t('phone.device', { n: i + 1 }) }))];
  // What was chosen and is not plugged in stays chosen: it is taken again when it is back.
  if (value && !list.some((d) => d.id === value)) data.push({ value, label: t('phone.unplugged') });
  return (
    <Select size="xs" label={label} data={data} value={value} allowDeselect={false} comboboxProps={{ withinPortal: false }}
      onChange={(v) => onChange(v ?? '')} data-testid={testid} />
  );
}

function Test({ phone }: { phone: Phone }) {
  const { t } = useTranslation();
  const { testing, state } = phone;
  const busy = testing?.state === 'calling' || testing?.state === 'running';
  const say = (): string => {
    switch (testing?.state) {
      case 'calling': return t('phone.test.calling');
      case 'running': return testing.heard ? t('phone.test.hearing') : t('phone.test.speak');
      case 'done': return testing.heard ? t('phone.test.good') : t('phone.test.silent');
      case 'failed': return t('phone.test.failed');
    }
    return t('phone.test.hint');
  };
  return (
    <div className={css.test}>
      {/* Not disabled while it runs: that would take the keyboard's focus out of the panel. */}
      <Button size="xs" variant="default" aria-disabled={busy} disabled={state !== 'up' && state !== 'waiting'} onClick={() => void phone.test()} data-testid="phone-test">
        {t('phone.test.start')}
      </Button>
      <span role="status" data-testid="phone-test-says" data-test={testing?.state ?? 'none'} data-heard={testing?.heard ?? false}>{say()}</span>
    </div>
  );
}

/** What keeps the phone from working, with the way out; nothing when it works. */
export function PhoneNotice() {
  const { t } = useTranslation();
  const phone = usePhone();
  const { state, blocked } = phone;
  if (state === 'off' || state === 'starting') return null;
  const where = state === 'other_tab' || state === 'elsewhere' ? state : null;
  const name = where ?? blocked;
  if (!name) return null;
  return (
    <Alert className={css.notice} color={where ? 'gray' : 'red'} icon={<IconAlertTriangle size={18} />} role="alert" data-testid="phone-notice" data-notice={name}>
      <div className={css.noticeRow}>
        <span>{codeName('phoneBlocked', name)}</span>
        {where && <Button size="xs" onClick={phone.takeOver} data-testid="phone-take">{t('phone.take')}</Button>}
        {!where && blocked !== 'insecure' && (
          <Button size="xs" color="red" onClick={phone.unblock} data-testid="phone-unblock">{blocked === 'sound' ? t('phone.soundOn') : t('phone.again')}</Button>
        )}
      </div>
    </Alert>
  );
}

/** The softphone on the agent's page: its state as a button, everything else behind it. other is shown for any other phone. */
export function PhonePanel({ server, other, compact }: { server: string; other?: ReactNode; compact?: boolean }) {
  const { t } = useTranslation();
  const phone = usePhone();
  const { state, blocked, choices, devices, quality } = phone;
  if (state === 'off') return <>{other}</>;
  const text = blocked ? t('phone.blocked') : codeName('softphone', state);
  const Icon = state === 'up' && !blocked ? IconPhoneCheck : state === 'waiting' ? IconPhonePause : IconPhoneX;
  const poor = state === 'up' && (quality?.word === 'poor' || quality?.word === 'fair') ? quality.word : null;
  return (
    <Popover position="bottom-end" withArrow trapFocus width={330} shadow="md">
      <Popover.Target>
        <button type="button" className={css.dot} data-state={blocked ? 'down' : poor ? 'warn' : look[state]} data-testid="phone" data-phone={server}
          data-softphone={state} data-blocked={blocked ?? ''} aria-label={`${t('phone.title')}: ${text}`} title={text}>
          <Icon size={18} stroke={1.7} aria-hidden />
          {!compact && <span className={css.word}>{poor ? codeName('phoneQuality', poor) : text}</span>}
        </button>
      </Popover.Target>
      <Popover.Dropdown className={css.panel} data-testid="phone-panel">
        <div className={css.head}>{t('phone.title')}<span data-state={blocked ? 'down' : look[state]}>{text}</span></div>
        <Meters phone={phone} />
        <Quality phone={phone} />
        <Test phone={phone} />
        <Choice label={t('phone.mic')} value={choices.mic} list={devices.mics} onChange={(mic) => phone.choose({ mic })} testid="phone-mic" />
        <Choice label={t('phone.speaker')} value={choices.speaker} list={devices.outputs} onChange={(speaker) => phone.choose({ speaker })} testid="phone-speaker" />
        <Choice label={t('phone.ringer')} value={choices.ringer} list={devices.outputs} onChange={(ringer) => phone.choose({ ringer })} testid="phone-ringer" />
        <Select size="xs" label={t('phone.voice')} description={t('phone.voiceHint')} value={choices.codec} allowDeselect={false} comboboxProps={{ withinPortal: false }}
          data={[{ value: 'ulaw', label: t('phone.voiceUlaw') }, { value: 'opus', label: t('phone.voiceOpus') }]} onChange={(v) => phone.choose({ codec: v === 'opus' ? 'opus' : 'ulaw' })} data-testid="phone-codec" />
        <Switch size="xs" label={t('phone.beep')} checked={choices.beep} onChange={(e) => phone.choose({ beep: e.currentTarget.checked })} data-testid="phone-beep" />
        <Switch size="xs" label={t('phone.clean')} checked={choices.clean} onChange={(e) => phone.choose({ clean: e.currentTarget.checked })} data-testid="phone-clean" />
      </Popover.Dropdown>
    </Popover>
  );
}

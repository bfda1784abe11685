import { ActionIcon, Button, CloseButton, CopyButton, NumberInput, Popover, SegmentedControl, Text, TextInput, Tooltip } from '@mantine/core';
import { IconLink, IconLock, IconPlayerPauseFilled, IconPlayerPlayFilled, IconVolume, IconVolumeOff } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useImperativeHandle, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '../../api/http';
import { clockText, useFormats } from '../../lib/format';
import { toastProblem } from '../../ui/toast';
import { useWave } from './api';
import css from './calls.module.css';
import { Waveform } from './Waveform';

/** Gains of callee and agent behind the audio element, made when one of them is muted first. */
function useSides(audio: React.RefObject<HTMLAudioElement | null>) {
  const gains = useRef<GainNode[] | null>(null);
  const [muted, setMuted] = useState([false, false]);
  const toggle = (side: number) => {
    if (!audio.current) return;
    if (!gains.current) {
      const ctx = new AudioContext();
      const split = ctx.createChannelSplitter(2);
      const merge = ctx.createChannelMerger(2);
      ctx.createMediaElementSource(audio.current).connect(split);
      gains.current = [0, 1].map((c) => {
        const g = ctx.createGain();
        split.connect(g, c);
        // Whoever is left is heard in both ears.
        g.connect(merge, 0, 0);
        g.connect(merge, 0, 1);
        return g;
      });
      merge.connect(ctx.destination);
      void ctx.resume();
    }
    const next = muted.map((m, i) => (i === side ? !m : m));
    gains.current.forEach((g, i) => { g.gain.value = next[i] ? 0 : 1; });
    setMuted(next);
  };
  return { muted, toggle };
}

function Share({ id }: { id: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [open, setOpen] = useState(false);
  const [hours, setHours] = useState(24);
  const [link, setLink] = useState<{ path: string; until: string } | null>(null);
  const make = () => void post<{ path: string; until: string }>(`/recordings/${id}/links`, { hours }).then(setLink, toastProblem);
  return (
    <Popover opened={open} onChange={setOpen} withArrow trapFocus width={340}>
      <Popover.Target>
        <Tooltip label={t('tape.share')}><ActionIcon variant="default" onClick={() => { setLink(null); setOpen(!open); }} aria-label={t('tape.share')} data-testid="share"><IconLink size={16} /></ActionIcon></Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        {link ? (
          <>
            <TextInput readOnly label={t('tape.shareUntil', { when: f.dateTime(link.until) })} value={location.origin + link.path} data-testid="share-link" onFocus={(e) => e.currentTarget.select()} />
            <CopyButton value={location.origin + link.path}>{({ copied, copy }) => <Button size="xs" mt="xs" onClick={copy}>{t(copied ? 'tape.copied' : 'tape.copy')}</Button>}</CopyButton>
          </>
        ) : (
          <>
            <NumberInput label={t('tape.shareFor')} description={t('tape.shareHint')} min={1} max={720} allowDecimal={false} value={hours} suffix={` ${t('ui.hours')}`} onChange={(v) => setHours(Number(v) || 1)} />
            <Button size="xs" mt="xs" onClick={make} data-testid="share-make">{t('tape.shareMake')}</Button>
          </>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function Holding({ id, held }: { id: string; held: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const hold = () => void post('/recordings/holds', { attempt_id: id, reason: reason.trim() }).then(() => {
    setOpen(false);
    void client.invalidateQueries({ queryKey: ['wave', id] });
    void client.invalidateQueries({ queryKey: ['recordings'] });
  }, toastProblem);
  if (held) return <Tooltip label={held}><span className={css.held} tabIndex={0} data-testid="held"><IconLock size={14} /> {t('tape.held')}</span></Tooltip>;
  return (
    <Popover opened={open} onChange={setOpen} withArrow trapFocus width={300}>
      <Popover.Target>
        <Tooltip label={t('tape.hold')}><ActionIcon variant="default" onClick={() => setOpen(!open)} aria-label={t('tape.hold')} data-testid="hold"><IconLock size={16} /></ActionIcon></Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <TextInput label={t('tape.holdWhy')} description={t('tape.holdHint')} maxLength={500} value={reason} onChange={(e) => setReason(e.currentTarget.value)} data-testid="hold-reason" />
        <Button size="xs" mt="xs" disabled={!reason.trim()} onClick={hold} data-testid="hold-make">{t('tape.hold')}</Button>
      </Popover.Dropdown>
    </Popover>
  );
}

const SPEEDS = ['0.75', '1', '1.5', '2'];

export interface PlayerHandle {
  /** Seconds from the beginning. */
  now: () => number;
  seek: (seconds: number) => void;
}

interface Props {
  id: string;
  onClose?: () => void;
  /** It waits to be started. */
  still?: boolean;
  handle?: Ref<PlayerHandle>;
  /** The evaluation by which an agent may hear his own call; without it the recording is a supervisor's to play. */
  of?: string;
}

/** Plays one recording. The server notes it in the audit log before the first byte. */
export function Player({ id, onClose, still, handle, of }: Props) {
  const { t } = useTranslation();
  const audio = useRef<HTMLAudioElement>(null);
  const source = of ? `/quality/evaluations/${of}` : `/recordings/${id}`;
  const wave = useWave(id, source);
  const [failed, setFailed] = useState(false);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [duration, setDuration] = useState(0);
  const [speed, setSpeed] = useState('1');
  const sides = useSides(audio);
  const seek = (s: number) => { if (audio.current && duration > 0) audio.current.currentTime = Math.min(duration, Math.max(0, s)); };
  useImperativeHandle(handle, () => ({
    now: () => audio.current?.currentTime ?? 0,
    seek: (s) => { if (audio.current) audio.current.currentTime = Math.max(0, s); },
  }), []);
  const toggle = () => { if (audio.current?.paused) void audio.current.play().catch(() => undefined); else audio.current?.pause(); };
  const rate = (to: string) => { setSpeed(to); if (audio.current) audio.current.playbackRate = Number(to); };
  const keys = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.altKey || e.metaKey || (e.target instanceof HTMLElement && e.target.closest('input,button,[role=radiogroup]') && e.key !== 'ArrowLeft' && e.key !== 'ArrowRight')) return;
    const step = SPEEDS.indexOf(speed);
    const acts: Record<string, () => void> = {
      ' ': toggle, ArrowLeft: () => seek(at - 5), ArrowRight: () => seek(at + 5), Home: () => seek(0), '1': () => sides.toggle(0), '2': () => sides.toggle(1),
      '-': () => rate(SPEEDS[Math.max(0, step - 1)]!), '+': () => rate(SPEEDS[Math.min(SPEEDS.length - 1, step + 1)]!),
    };
    if (e.target instanceof HTMLInputElement) return;
    const act = acts[e.key];
    if (!act) return;
    e.preventDefault();
    act();
  };
  const hold = wave.data?.holds?.[0];
  const side = (n: number, name: string) => (
    <Button size="compact-sm" variant={sides.muted[n] ? 'light' : 'default'} color={sides.muted[n] ? 'red' : undefined} aria-pressed={sides.muted[n]} onClick={() => sides.toggle(n)}
      leftSection={sides.muted[n] ? <IconVolumeOff size={14} /> : <IconVolume size={14} />} data-testid={`side-${n}`}>{name}</Button>
  );
  return (
    <section className={css.player} aria-label={t('calls.player')} onKeyDown={keys} tabIndex={-1} data-testid="player" data-attempt={id}>
      <audio ref={audio} autoPlay={!still} preload={still ? 'metadata' : 'auto'} src={`/api${source}/audio`} onError={() => setFailed(true)} onPlay={() => setPlaying(true)} onPause={() => setPlaying(false)}
        onTimeUpdate={(e) => setAt(e.currentTarget.currentTime)} onDurationChange={(e) => setDuration(Number.isFinite(e.currentTarget.duration) ? e.currentTarget.duration : 0)} data-testid="audio" />
      {failed ? <Text c="red" size="sm" role="alert" flex={1}>{t('calls.playFailed')}</Text> : (
        <>
          <ActionIcon size="lg" radius="xl" onClick={toggle} aria-label={t(playing ? 'tape.stopPlay' : 'calls.play')} title={t('tape.keys')} data-testid="play-toggle">
            {playing ? <IconPlayerPauseFilled size={17} /> : <IconPlayerPlayFilled size={17} />}
          </ActionIcon>
          <Waveform wave={wave.data} at={at} duration={duration} onSeek={seek} />
          <span className="num" data-testid="played">{clockText(at)} / {clockText(duration)}</span>
        </>
      )}
      {onClose && <CloseButton onClick={onClose} aria-label={t('act.close')} />}
      {!failed && (
        <div className={css.tools}>
          {side(0, t('tape.callee'))}{side(1, t('tape.agent'))}
          <SegmentedControl size="xs" aria-label={t('tape.speed')} value={speed} onChange={rate} data={SPEEDS.map((value) => ({ value, label: `${value}×` }))} data-testid="speed" />
          {!of && <Share id={id} />}
          {!of && <Holding id={id} held={hold ? t('tape.heldBy', { name: hold.by_name, reason: hold.reason }) : ''} />}
          <Text size="xs" c="dimmed" className={css.note}>{t('calls.audit')}</Text>
        </div>
      )}
    </section>
  );
}

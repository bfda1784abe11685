import { ActionIcon, Button, Drawer, Textarea } from '@mantine/core';
import { IconMessage2, IconSchool, IconSend, IconSpeakerphone } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MESSAGE_MOST, unread, useMarkRead, useWriteToSupervisors, type Message } from '../../api/help';
import type { Screen } from '../../api/types';
import { clock, onTick } from '../../lib/clock';
import { makeFormats } from '../../lib/format';
import { newID } from '../../stream/context';
import { toastProblem } from '../../ui/toast';
import { Empty } from '../../ui/ui';
import deskCss from './desk.module.css';
import css from './help.module.css';

const icons = { chat: IconMessage2, coaching: IconSchool, notice: IconSpeakerphone };

/** One message with who wrote it when, and whether it was read. mine: written on this side. */
export function Bubble({ m, mine, receipt }: { m: Message; mine: boolean; receipt?: boolean }) {
  const { t, i18n } = useTranslation();
  const f = makeFormats(i18n.language);
  const Icon = icons[m.kind];
  const about = m.kind === 'coaching' ? t('help.about', { name: m.contact_name || t('desk.contact.noName') }) : m.until ? t('help.until', { time: f.dateTime(m.until) }) : '';
  return (
    <li className={css.bubble} data-mine={mine || undefined} data-kind={m.kind} data-testid="message">
      <div className={css.by}>
        {m.kind !== 'chat' && <Icon size={14} stroke={1.8} aria-hidden />}
        <b>{m.kind !== 'chat' && `${t(`help.kind.${m.kind}`)} · `}{m.from_name}</b> <span>{f.dateTime(m.at)}{about && ` · ${about}`}</span>
      </div>
      <div className={css.body}>{m.body}</div>
      {mine && receipt && <div className={css.receipt}>{m.read_at ? t('help.readAt', { time: f.dateTime(m.read_at) }) : t('help.sent')}</div>}
    </li>
  );
}

interface WriteProps {
  busy: boolean;
  onSend: (m: { id: string; body: string }, done: () => void) => void;
  autoFocus?: boolean;
}

/** A line to write in: Enter sends, Shift+Enter begins a new line. A message that failed keeps its id, so that none comes twice. */
export function WriteLine({ busy, onSend, autoFocus }: WriteProps) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const id = useRef(newID());
  const send = () => {
    const body = text.trim();
    if (!body || busy) return;
    onSend({ id: id.current, body }, () => {
      id.current = newID();
      setText('');
    });
  };
  return (
    <div className={css.write}>
      <Textarea value={text} onChange={(e) => { setText(e.currentTarget.value); id.current = newID(); }} maxLength={MESSAGE_MOST} autosize minRows={1} maxRows={5} placeholder={t('help.write')}
        aria-label={t('help.write')} {...(autoFocus ? { 'data-autofocus': true } : {})} data-testid="message-text"
        onKeyDown={(e) => { if (e.key === 'Enter' && !e.shiftKey && !e.nativeEvent.isComposing) { e.preventDefault(); send(); } }} />
      <ActionIcon size={36} onClick={send} loading={busy} disabled={!text.trim()} aria-label={t('help.send')} data-testid="message-send"><IconSend size={18} stroke={1.7} /></ActionIcon>
    </div>
  );
}

/** Keeps the newest message in view when one comes. */
export function useAtEnd(count: number) {
  const ref = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const el = ref.current;
    if (el) el.scrollTop = el.scrollHeight;
  }, [count]);
  return ref;
}

/** All that the agent and the supervisors wrote; opening it is reading it. */
export function MessagesDrawer({ screen, messages, onClose }: { screen: Screen; messages: Message[]; onClose: () => void }) {
  const { t } = useTranslation();
  const me = screen.agent.id;
  const write = useWriteToSupervisors();
  const { mutate: mark } = useMarkRead();
  const shown = messages.filter((m) => !m.until || Date.parse(m.until) > clock.now());
  const open = unread(messages, me, clock.now()).map((m) => m.id).join(' ');
  useEffect(() => {
    if (open) mark(open.split(' '), { onError: toastProblem });
  }, [open, mark]);
  const end = useAtEnd(shown.length);
  return (
    <Drawer opened onClose={onClose} position="right" size={380} withOverlay={false} lockScroll={false} shadow="xl" title={t('help.messages')} closeButtonProps={{ 'aria-label': t('desk.transfer.close') }} classNames={{ body: css.drawer }} data-testid="messages">
      {shown.length === 0
        ? <Empty title={t('help.none')} hint={t('help.noneHint')} icon={<IconMessage2 size={34} stroke={1.4} aria-hidden />} />
        : <ol className={css.thread} ref={end} tabIndex={0} aria-label={t('help.all')}>{shown.map((m) => <Bubble key={m.id} m={m} mine={m.from_id === me} receipt />)}</ol>}
      <WriteLine autoFocus busy={write.isPending} onSend={(m, done) => write.mutate(m, { onSuccess: done, onError: toastProblem })} />
    </Drawer>
  );
}

const MOST = 2;

/** What nobody has read yet, calmly below the bar: it takes no focus and covers nothing. */
export function MessageStrip({ screen, messages }: { screen: Screen; messages: Message[] }) {
  const { t } = useTranslation();
  const mark = useMarkRead();
  const [, again] = useState(0);
  const next = messages.reduce((least, m) => (m.until ? Math.min(least, Date.parse(m.until)) : least), Infinity);
  useEffect(() => onTick(() => { if (clock.now() > next) again((n) => n + 1); }), [next]);
  const waiting = unread(messages, screen.agent.id, clock.now());
  const newest = waiting.at(-1);
  return (
    <>
      <div className={deskCss.heard} role="status" aria-live="polite" data-testid="message-heard">{newest ? `${t('help.newFrom', { name: newest.from_name })}: ${newest.body}` : ''}</div>
      {waiting.length > 0 && (
        <div className={css.strips} role="region" aria-label={t('help.messages')} data-testid="unread-messages">
          {waiting.slice(-MOST).map((m) => {
            const Icon = icons[m.kind];
            return (
              <div key={m.id} className={css.strip} data-kind={m.kind} data-testid="unread-message">
                <Icon size={18} stroke={1.7} aria-hidden />
                <span className={css.words} title={m.body}><b>{m.kind === 'chat' ? m.from_name : `${t(`help.kind.${m.kind}`)} · ${m.from_name}`}</b> {m.body}</span>
                <Button size="compact-xs" variant="light" onClick={() => mark.mutate([m.id], { onError: toastProblem })} data-testid="message-read">{t('help.read')}</Button>
              </div>
            );
          })}
          {waiting.length > MOST && <small>{t('help.more', { count: waiting.length - MOST })}</small>}
        </div>
      )}
    </>
  );
}

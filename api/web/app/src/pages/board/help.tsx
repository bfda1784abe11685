import { Button, Group, Indicator, Menu, Modal, Popover, Stack, Textarea, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconChevronDown, IconEar, IconLifebuoy, IconMessage2, IconSpeakerphone } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MESSAGE_MOST, useChats, useCloseHelp, useTakeHelp, type HelpRequest, type Thread } from '../../api/help';
import type { BoardAgent } from '../../api/types';
import { codeName } from '../../i18n';
import { useUser } from '../../lib/session';
import { useHeld } from '../../lib/stable';
import { useFresh, useItem, useItems, useTopic } from '../../stream/context';
import { toastProblem } from '../../ui/toast';
import { StatePill, Timer } from '../../ui/ui';
import { AgentDrawer } from './helpAgent';
import { NoticesDialog } from './helpNotice';
import { openAgent, useOpened } from './helpStore';
import { useMembers, within } from './team';
import css from './help.module.css';
import { useWatching } from './watching';

/** An agent's name that opens what can be written and ordered. */
export function AgentName({ id, name }: { id: string; name: string }) {
  const { t } = useTranslation();
  return (
    <UnstyledButton className={css.name} onClick={() => openAgent({ agent: id, name })} title={t('help.open', { name })} data-testid="agent-open">
      {name}
    </UnstyledButton>
  );
}

function CloseDialog({ h, onClose }: { h: HelpRequest; onClose: () => void }) {
  const { t } = useTranslation();
  const close = useCloseHelp();
  const [answer, setAnswer] = useState('');
  return (
    <Modal opened onClose={onClose} title={t('help.closeTitle', { name: h.agent_name })} size="sm">
      <form onSubmit={(e) => { e.preventDefault(); close.mutate({ id: h.id, answer: answer.trim() }, { onSuccess: onClose, onError: toastProblem }); }}>
        <Stack gap="sm">
          <Textarea label={t('help.answer')} description={t('help.answerHint')} data-autofocus maxLength={MESSAGE_MOST} autosize minRows={2} maxRows={6} value={answer} onChange={(e) => setAnswer(e.currentTarget.value)} data-testid="help-answer" />
          <Group justify="flex-end"><Button type="submit" loading={close.isPending} data-testid="help-close-send">{t('help.close')}</Button></Group>
        </Stack>
      </form>
    </Modal>
  );
}

function QueueRow({ h, gone, onClose }: { h: HelpRequest; gone: boolean; onClose: (h: HelpRequest) => void }) {
  const { t } = useTranslation();
  const me = useUser().id;
  const agent = useItem<BoardAgent>('board', 'agent/' + h.agent_id);
  const take = useTakeHelp();
  const { act, busy } = useWatching();
  const now = !h.attempt_id ? t('help.noCall') : agent?.attempt_id === h.attempt_id ? t('help.call', { name: h.contact_name || t('desk.contact.noName') }) : t('help.callOver');
  return (
    <li className={css.row} data-state={gone ? 'gone' : h.state} data-testid="help-row">
      <span className={css.wait}>{!gone && <Timer at={h.asked_at} testid="help-wait" />}</span>
      <span className={css.who}>
        <AgentName id={h.agent_id} name={h.agent_name} />
        <small className="truncate">{h.campaign_name} · {now}</small>
      </span>
      <span className={css.text} title={h.text}>{h.text}</span>
      <StatePill state={agent?.state ?? 'Offline'}>{agent ? codeName('agentState', agent.state) : t('help.away')}</StatePill>
      <span className={css.acts}>
        {gone ? <small>{t('help.closed')}</small> : (
          <>
            {h.state === 'taken' && <small className="truncate" data-testid="help-taken">{t('help.taken', { name: h.taken_by_name })}</small>}
            {agent && <Button size="compact-xs" variant="subtle" leftSection={<IconEar size={14} />} loading={busy === h.agent_id} onClick={() => act(h.agent_id, 'listen')} data-testid="help-watch">{t('help.watch')}</Button>}
            {h.state === 'open'
              ? <Button size="compact-xs" loading={take.isPending} onClick={() => take.mutate(h.id, { onError: toastProblem })} data-testid="help-take">{t('help.come')}</Button>
              : <Button size="compact-xs" variant={h.taken_by === me ? 'filled' : 'light'} onClick={() => onClose(h)} data-testid="help-close">{t('help.close')}</Button>}
          </>
        )}
      </span>
    </li>
  );
}

/** The queue while somebody looks at it: no row moves under his hand. */
function Queue({ queue, onClose }: { queue: HelpRequest[]; onClose: (h: HelpRequest) => void }) {
  const { t } = useTranslation();
  const rows = useHeld(queue.map((h) => [h.id, h] as const));
  if (rows.length === 0) return <div className={css.none}>{t('help.nobody')}</div>;
  return <ol className={css.queue}>{rows.map((r) => <QueueRow key={r.key} h={r.value} gone={r.gone} onClose={onClose} />)}</ol>;
}

function Threads() {
  const { t } = useTranslation();
  const live = useItems<Thread>('help', 'chat/').map(([, c]) => c);
  const chats = useChats().data;
  const seen = chats?.seen ?? {};
  const members = useMembers();
  const all = new Map([...(chats?.items ?? []), ...live].map((c) => [c.agent_id, c]));
  const sorted = [...all.values()].filter((c) => within(members, c.agent_id)).sort((a, b) => b.last_seq - a.last_seq);
  const isNew = (c: Thread) => c.by_agent && c.last_seq > (seen[c.agent_id] ?? 0);
  const count = chats ? sorted.filter(isNew).length : 0;
  return (
    <Indicator label={count} disabled={count === 0} size={16} zIndex={1}>
    <Menu position="bottom-end" withinPortal width={320}>
      <Menu.Target>
        <Button size="compact-sm" variant="default" leftSection={<IconMessage2 size={15} />} aria-label={count ? t('help.unread', { count }) : t('help.chats')} data-testid="chats" data-unread={count}>{t('help.chats')}</Button>
      </Menu.Target>
      <Menu.Dropdown className={css.threads}>
        {sorted.length === 0 && <div className={css.none}><b>{t('help.noChats')}</b><br />{t('help.noChatsHint')}</div>}
        {sorted.slice(0, 50).map((c) => (
          <Menu.Item key={c.agent_id} onClick={() => openAgent({ agent: c.agent_id, name: c.agent_name })} data-testid="chat-row">
            <span className={css.threadHead}><b className="truncate">{c.agent_name}</b>{isNew(c) && <StatePill state="info">{t('help.newThread')}</StatePill>}<Timer at={c.last_at} /></span>
            <small className={css.last}>{c.by_agent ? '' : `${c.last_by}: `}{c.body}</small>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
    </Indicator>
  );
}

/** Who wants help, and the ways to write: one line, as high as ever, whoever asks. A click opens the queue over the page, oldest first. */
export function HelpPanel() {
  const { t } = useTranslation();
  useTopic('help');
  const members = useMembers();
  const everybody = useFresh<HelpRequest>('help', 'help/').map(([, h]) => h);
  const queue = everybody.filter((h) => within(members, h.agent_id)).sort((a, b) => a.asked_at.localeCompare(b.asked_at) || a.id.localeCompare(b.id));
  const opened = useOpened();
  const [notices, setNotices] = useState(false);
  const [shown, show] = useState(false);
  const [closing, setClosing] = useState<HelpRequest | null>(null);
  const waiting = queue.filter((h) => h.state === 'open');
  const first = waiting[0];
  const elsewhere = everybody.filter((h) => h.state === 'open').length - waiting.length;
  const count = first ? t('help.waiting', { count: waiting.length }) : queue.length === 0 ? t('help.nobody') : t('help.attended', { count: queue.length });
  return (
    <section className={css.panel} data-waits={!!first || undefined} aria-label={t('help.queue')} data-testid="help-panel">
      <Popover opened={shown} onChange={show} position="bottom-start" width="min(980px, 96vw)" shadow="md" withinPortal trapFocus returnFocus>
        <Popover.Target>
          <UnstyledButton className={css.head} onClick={() => show(!shown)} data-testid="help-open" data-waiting={waiting.length}>
            <IconLifebuoy size={17} stroke={1.8} aria-hidden />
            <b>{t('help.queue')}</b>
            <span className={css.count}>{count}</span>
            {elsewhere > 0 && <span className={css.elsewhere} data-testid="help-elsewhere">{t('help.elsewhere', { count: elsewhere })}</span>}
            {first && <span className="truncate" title={first.text || undefined}>{first.agent_name}{first.text && `: ${first.text}`}</span>}
            {first && <Timer at={first.asked_at} />}
            <IconChevronDown size={16} className={css.more} aria-hidden />
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown p={0} mah="60dvh" style={{ overflowY: 'auto' }}><Queue queue={queue} onClose={(h) => { show(false); setClosing(h); }} /></Popover.Dropdown>
      </Popover>
      <VisuallyHidden role="status">{first && `${t('help.queue')}: ${count}. ${first.agent_name}`}</VisuallyHidden>
      <Threads />
      <Button size="compact-sm" variant="default" leftSection={<IconSpeakerphone size={15} />} onClick={() => setNotices(true)} data-testid="notices">{t('help.notices')}</Button>
      {closing && <CloseDialog h={closing} onClose={() => setClosing(null)} />}
      {notices && <NoticesDialog onClose={() => setNotices(false)} />}
      {opened && <AgentDrawer key={opened.agent} {...opened} onClose={() => openAgent(null)} />}
    </section>
  );
}

import { Button, Checkbox, Drawer, Group, Menu, Modal, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { IconChevronDown, IconMessage2 } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCoach, useOrder, useSeeThread, useThread, useWriteToAgent, type Order, type Thread } from '../../api/help';
import type { BoardAgent } from '../../api/types';
import { codeName } from '../../i18n';
import { useItem } from '../../stream/context';
import { toastOK, toastProblem } from '../../ui/toast';
import { Empty, Load, StatePill, Timer } from '../../ui/ui';
import agentCss from '../agent/help.module.css';
import { Bubble, useAtEnd, WriteLine } from '../agent/Messages';
import css from './help.module.css';

const REASONS = ['coaching', 'meeting', 'training', 'admin', 'break', 'lunch'];

function OrderDialog({ agent, name, what, onClose }: { agent: string; name: string; what: Order['do']; onClose: () => void }) {
  const { t } = useTranslation();
  const order = useOrder();
  const [reason, setReason] = useState('coaching');
  const [when, setWhen] = useState<'after' | 'now'>('after');
  const words = { not_ready: t('help.pause'), ready: t('help.ready'), logout: t('help.logout'), free: t('help.free') };
  const timed = what === 'not_ready' || what === 'logout';
  const give = () => order.mutate({ agent, order: { do: what, ...(what === 'not_ready' ? { reason } : {}), ...(timed ? { when } : {}) } }, {
    onSuccess: ({ done }) => {
      toastOK(t(done ? 'help.done' : 'help.waits'));
      onClose();
    },
    onError: toastProblem,
  });
  return (
    <Modal opened onClose={onClose} title={`${words[what]} · ${name}`} size="sm" data-testid="order">
      <Stack gap="sm">
        {what === 'not_ready' && <Select label={t('help.reason')} allowDeselect={false} value={reason} onChange={(v) => setReason(v ?? 'coaching')} data={REASONS.map((value) => ({ value, label: codeName('notReady', value) }))} data-testid="order-reason" />}
        {timed && (
          <>
            <SegmentedControl value={when} onChange={(v) => setWhen(v as 'after' | 'now')} data={[{ value: 'after', label: t('help.after') }, { value: 'now', label: t('help.now') }]} data-testid="order-when" />
            <Text size="sm" c="dimmed">{t('help.nowHint')}</Text>
          </>
        )}
        {what === 'free' && <Text size="sm" c="dimmed">{t('help.freeHint')}</Text>}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t('act.cancel')}</Button>
          <Button loading={order.isPending} onClick={give} data-autofocus data-testid="order-give">{words[what]}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** One agent: how he stands, orders, and the thread that all supervisors share. */
export function AgentDrawer({ agent, name, onClose }: { agent: string; name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const now = useItem<BoardAgent>('board', 'agent/' + agent);
  const last = useItem<Thread>('help', 'chat/' + agent);
  const thread = useThread(agent, last?.last_seq ?? 0);
  const write = useWriteToAgent(agent);
  const coach = useCoach(agent);
  const { mutate: see } = useSeeThread();
  const [what, setWhat] = useState<Order['do'] | null>(null);
  const [asNote, setAsNote] = useState(false);
  const seq = thread.data?.findLast((m) => m.from_id === agent)?.seq ?? 0;
  useEffect(() => {
    if (seq > 0) see({ agent, seq });
  }, [agent, seq, see]);
  const end = useAtEnd(thread.data?.length ?? 0);
  const attempt = now?.attempt_id ?? '';
  const note = asNote && !!attempt;
  return (
    <Drawer opened onClose={onClose} position="right" size={420} title={name} closeButtonProps={{ 'aria-label': t('desk.transfer.close') }} classNames={{ body: agentCss.drawer }} data-testid="agent-drawer">
      <div className={css.stand}>
        {now ? <><StatePill state={now.state}>{codeName('agentState', now.state)}</StatePill><Timer at={now.since} /><span className="truncate">{now.contact_name}</span></> : <StatePill state="Offline">{t('help.away')}</StatePill>}
        {now && (
          <Menu position="bottom-end" withinPortal>
            <Menu.Target><Button size="compact-sm" variant="default" ml="auto" rightSection={<IconChevronDown size={14} />} data-testid="orders">{t('help.orders')}</Button></Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => setWhat('not_ready')} data-testid="order-not_ready">{t('help.pause')}…</Menu.Item>
              <Menu.Item onClick={() => setWhat('ready')} data-testid="order-ready">{t('help.ready')}…</Menu.Item>
              <Menu.Item onClick={() => setWhat('logout')} data-testid="order-logout">{t('help.logout')}…</Menu.Item>
              <Menu.Item onClick={() => setWhat('free')} data-testid="order-free">{t('help.free')}…</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      <Load query={thread} empty={(all) => all.length === 0} whenEmpty={<Empty title={t('help.none')} icon={<IconMessage2 size={34} stroke={1.4} aria-hidden />} />} rows={4}>
        {(all) => <ol className={agentCss.thread} ref={end} tabIndex={0} aria-label={t('help.all')}>{all.map((m) => <Bubble key={m.id} m={m} mine={m.from_id !== agent} receipt />)}</ol>}
      </Load>
      {attempt && <Checkbox size="xs" label={t('help.coach')} checked={asNote} onChange={(e) => setAsNote(e.currentTarget.checked)} data-testid="as-note" />}
      <WriteLine autoFocus busy={write.isPending || coach.isPending}
        onSend={(m, done) => (note ? coach.mutate({ ...m, attempt_id: attempt }, { onSuccess: done, onError: toastProblem }) : write.mutate(m, { onSuccess: done, onError: toastProblem }))} />
      {what && <OrderDialog agent={agent} name={name} what={what} onClose={() => setWhat(null)} />}
    </Drawer>
  );
}

import { Button, Group, Modal, Select, Stack, Table, Textarea } from '@mantine/core';
import { IconSpeakerphone } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MESSAGE_MOST, useEndNotice, useNotices, useReceipts, useSendNotice, type Notice } from '../../api/help';
import { useCampaignNames } from '../../api/queries';
import { clock } from '../../lib/clock';
import { useFormats } from '../../lib/format';
import { newID } from '../../stream/context';
import { toastOK, toastProblem } from '../../ui/toast';
import { Empty, Load, Scroll, StatePill } from '../../ui/ui';
import { useTeams } from '../campaigns/api';
import css from './help.module.css';

const MINUTES = [15, 30, 60, 240, 480, 1440];

function NoticeForm() {
  const { t } = useTranslation();
  const send = useSendNotice();
  const campaigns = useCampaignNames().data ?? [];
  const teams = useTeams().data ?? [];
  const [body, setBody] = useState('');
  const [to, setTo] = useState('all');
  const [which, setWhich] = useState<string | null>(null);
  const [minutes, setMinutes] = useState('60');
  const id = useRef(newID());
  const ready = body.trim() !== '' && (to === 'all' || !!which);
  const give = () => send.mutate({ id: id.current, body: body.trim(), audience: to, ...(to === 'all' ? {} : { audience_id: which! }), minutes: Number(minutes) }, {
    onSuccess: () => {
      toastOK(t('help.noticeSent'));
      id.current = newID();
      setBody('');
    },
    onError: toastProblem,
  });
  return (
    <form onSubmit={(e) => { e.preventDefault(); if (ready) give(); }}>
      <Stack gap="xs">
        <Textarea label={t('help.noticeBody')} description={t('help.noticeHint')} data-autofocus maxLength={MESSAGE_MOST} autosize minRows={2} maxRows={6} value={body} onChange={(e) => { setBody(e.currentTarget.value); id.current = newID(); }} data-testid="notice-body" />
        <Group grow align="flex-end" gap="xs">
          <Select label={t('help.to')} allowDeselect={false} value={to} onChange={(v) => { setTo(v ?? 'all'); setWhich(null); }} data-testid="notice-to"
            data={[{ value: 'all', label: t('help.toAll') }, { value: 'campaign', label: t('help.toCampaign') }, { value: 'team', label: t('help.toTeam') }]} />
          {to !== 'all' && <Select label={t('help.which')} searchable value={which} onChange={setWhich} data={(to === 'team' ? teams : campaigns).map((x) => ({ value: x.id, label: x.name }))} data-testid="notice-which" />}
          <Select label={t('help.for')} allowDeselect={false} value={minutes} onChange={(v) => setMinutes(v ?? '60')}
            data={MINUTES.map((m) => ({ value: String(m), label: m < 60 ? t('help.min', { count: m }) : t('help.hours', { count: m / 60 }) }))} />
          <Button type="submit" disabled={!ready} loading={send.isPending} data-testid="notice-send">{t('help.send')}</Button>
        </Group>
      </Stack>
    </form>
  );
}

function Receipts({ id }: { id: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const found = useReceipts(id);
  return (
    <Load query={found} rows={3} empty={(all) => all.length === 0} whenEmpty={<span>–</span>}>
      {(all) => <ul className={css.receipts} aria-label={t('help.receipts')}>{all.map((r) => <li key={r.user_id}><span className="truncate">{r.name}</span><span>{r.read_at ? f.dateTime(r.read_at) : t('help.unreadBy')}</span></li>)}</ul>}
    </Load>
  );
}

function NoticeRow({ n, open, toggle }: { n: Notice; open: boolean; toggle: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const end = useEndNotice();
  const over = !n.until || Date.parse(n.until) <= clock.now();
  const to = n.audience === 'all' ? t('help.toAll') : n.audience_name;
  return (
    <>
      <Table.Tr data-testid="notice-row">
        <Table.Td><div className={css.noticeBody}>{n.body}</div><small>{n.from_name} · {f.dateTime(n.at)} · {to}</small></Table.Td>
        <Table.Td><Button size="compact-xs" variant="subtle" onClick={toggle} aria-expanded={open} data-testid="notice-read">{t('help.readBy', { read: n.read, count: n.shown })}</Button></Table.Td>
        <Table.Td>{over ? <StatePill state="plain">{t('help.over')}</StatePill>
          : <Button size="compact-xs" variant="default" loading={end.isPending} onClick={() => end.mutate(n.id, { onError: toastProblem })} data-testid="notice-end">{t('help.end')}</Button>}</Table.Td>
      </Table.Tr>
      {open && <Table.Tr><Table.Td colSpan={3}><Receipts id={n.id} /></Table.Td></Table.Tr>}
    </>
  );
}

/** Messages to many: writing one, and who has read those that are out. */
export function NoticesDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const all = useNotices(true);
  const [open, setOpen] = useState('');
  return (
    <Modal opened onClose={onClose} title={t('help.notices')} size="xl" data-testid="notices-dialog">
      <Stack gap="md">
        <NoticeForm />
        <Load query={all} empty={(x) => x.length === 0} rows={3} whenEmpty={<Empty title={t('help.noNotices')} icon={<IconSpeakerphone size={34} stroke={1.4} aria-hidden />} />}>
          {(list) => <Scroll><Table verticalSpacing={6} layout="fixed"><colgroup><col /><col className={css.readCol} /><col className={css.endCol} /></colgroup><Table.Tbody>{list.map((n) => <NoticeRow key={n.id} n={n} open={open === n.id} toggle={() => setOpen(open === n.id ? '' : n.id)} />)}</Table.Tbody></Table></Scroll>}
        </Load>
      </Stack>
    </Modal>
  );
}

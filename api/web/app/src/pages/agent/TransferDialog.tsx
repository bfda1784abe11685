import { Button, Group, Modal, ScrollArea, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { IconPhoneOutgoing, IconUser, IconUsersGroup } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTargets, type Targets, type TalkTo } from '../../api/desk';
import { codeName } from '../../i18n';
import { phoneText } from '../../lib/format';
import { Empty, Failed, RowsSkeleton } from '../../ui/ui';
import { useCommand } from './command';
import css from './desk.module.css';

interface Choice {
  key: string;
  kind: TalkTo['kind'];
  to: TalkTo;
  name: string;
  detail: string;
  free: boolean;
}

function choices(targets: Targets, detail: (kind: TalkTo['kind'], of: { state?: string; campaign?: string; ready?: number; number?: string }) => string): Choice[] {
  return [
    ...targets.agents.map((a): Choice => ({ key: 'a' + a.id, kind: 'agent', to: { kind: 'agent', agent_id: a.id }, name: a.name, detail: detail('agent', a as never), free: a.ready })),
    ...targets.queues.map((q): Choice => ({ key: 'q' + q.campaign_id, kind: 'queue', to: { kind: 'queue', campaign_id: q.campaign_id }, name: q.campaign, detail: detail('queue', q), free: q.ready > 0 })),
    ...targets.outside.map((o): Choice => ({ key: 'o' + o.number, kind: 'outside', to: { kind: 'outside', number: o.number }, name: o.name, detail: detail('outside', o), free: true })),
  ];
}

const icons = { agent: IconUser, queue: IconUsersGroup, outside: IconPhoneOutgoing };

function Body({ attempt, onClose }: { attempt: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { run, busy } = useCommand();
  const targets = useTargets(true);
  const [kind, setKind] = useState<TalkTo['kind']>('agent');
  const [find, setFind] = useState('');
  const [chosen, setChosen] = useState('');
  const [note, setNote] = useState('');
  const all = useMemo(() => (targets.data ? choices(targets.data, (k, of) => {
    if (k === 'agent') return [codeName('agentState', of.state ?? ''), of.campaign].filter(Boolean).join(' · ');
    if (k === 'queue') return t('desk.transfer.free', { count: of.ready ?? 0 });
    return phoneText(of.number ?? '');
  }) : []), [targets.data, t]);
  const wanted = find.trim().toLowerCase();
  const shown = all.filter((c) => c.kind === kind && (!wanted || `${c.name} ${c.detail}`.toLowerCase().includes(wanted)));
  const to = shown.find((c) => c.key === chosen && c.free);
  const give = async (name: 'consult' | 'transfer_blind') => {
    if (!to) return;
    const ack = await run(name, { attempt_id: attempt, to: to.to, note: note.trim() });
    if (ack.ok) onClose();
  };
  return (
    <>
      <SegmentedControl fullWidth size="xs" value={kind} onChange={(v) => { setKind(v as TalkTo['kind']); setChosen(''); }} aria-label={t('desk.transfer.to')}
        data={(['agent', 'queue', 'outside'] as const).map((value) => ({ value, label: t(`desk.transfer.${value}`) }))} />
      <TextInput size="sm" mt={8} placeholder={t('desk.transfer.find')} aria-label={t('desk.transfer.find')} value={find} data-autofocus
        onChange={(e) => setFind(e.currentTarget.value)} data-testid="transfer-find" />
      <ScrollArea.Autosize mah={230} mih={120} mt={8} type="auto">
        {targets.isPending && <RowsSkeleton rows={3} />}
        {targets.isError && <Failed error={targets.error} retry={() => void targets.refetch()} />}
        {targets.data && shown.length === 0 && <Empty title={t(kind === 'outside' ? 'desk.transfer.noOutside' : 'desk.transfer.nobody')} />}
        <div role="radiogroup" aria-label={t('desk.transfer.to')} className={css.targets}>
          {shown.map((c) => {
            const Icon = icons[c.kind];
            return (
              <label key={c.key} className={css.target} data-checked={chosen === c.key || undefined} data-disabled={!c.free || undefined}>
                <input type="radio" name="target" checked={chosen === c.key} disabled={!c.free} onChange={() => setChosen(c.key)} data-testid={`target-${c.key}`} />
                <Icon size={17} stroke={1.7} aria-hidden />
                <span className="truncate" title={c.name}>{c.name}</span>
                <small className="truncate">{c.detail}</small>
              </label>
            );
          })}
        </div>
      </ScrollArea.Autosize>
      {kind !== 'outside' && <Textarea mt={8} size="sm" label={t('desk.transfer.note')} autosize minRows={1} maxRows={3} maxLength={1000} value={note}
        onChange={(e) => setNote(e.currentTarget.value)} data-testid="transfer-note" />}
      <Group justify="flex-end" mt="md" gap="xs">
        <Button variant="default" onClick={onClose}>{t('desk.transfer.close')}</Button>
        <Button variant="light" disabled={!to} loading={busy === 'transfer_blind'} onClick={() => void give('transfer_blind')} data-testid="transfer-blind">{t('desk.transfer.blind')}</Button>
        <Button disabled={!to} loading={busy === 'consult'} onClick={() => void give('consult')} data-testid="transfer-warm">{t('desk.transfer.warm')}</Button>
      </Group>
    </>
  );
}

/** Chooses to whom the call goes, and whether the agent speaks with him first. */
export function TransferDialog({ opened, onClose, attempt }: { opened: boolean; onClose: () => void; attempt: string }) {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={onClose} title={t('desk.transfer.title')} closeButtonProps={{ 'aria-label': t('desk.transfer.close') }}>
      {opened && <Body attempt={attempt} onClose={onClose} />}
    </Modal>
  );
}

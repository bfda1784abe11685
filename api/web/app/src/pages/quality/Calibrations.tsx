import { Button, Group, MultiSelect, Select, Table, TextInput } from '@mantine/core';
import { IconPlus, IconScaleOutline } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { useCalibrate, useCalibrations, useCards } from '../../api/quality';
import { useRecordings, wantedOf } from '../calls/api';
import { clockText, phoneText, useFormats } from '../../lib/format';
import { Empty, Load, Panel, Scroll, StatePill } from '../../ui/ui';
import { useUserNames } from '../campaigns/api';
import { ChangeProblem, FormDialog } from '../lists/parts';
import css from './quality.module.css';

const newest = wantedOf('');

function NewDialog({ attempt, onClose }: { attempt: string; onClose: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [, go] = useLocation();
  const cards = (useCards().data ?? []).filter((c) => c.version > 0 && !c.retired);
  const judges = (useUserNames().data ?? []).filter((u) => (u.role === 'supervisor' || u.role === 'admin') && !u.disabled);
  const recordings = useRecordings(newest, undefined).data ?? [];
  const [v, setV] = useState({ title: '', attempt, card: '', evaluators: [] as string[], reference: '' });
  const set = (c: Partial<typeof v>) => setV({ ...v, ...c });
  const card = v.card || (cards.length === 1 ? cards[0]!.id : '');
  const begin = useCalibrate();
  const known = recordings.some((r) => r.attempt_id === v.attempt);
  const calls = [...recordings.map((r) => ({ value: r.attempt_id, label: `${f.dateTime(r.created_at)} · ${r.agent || '–'} · ${phoneText(r.phone)} · ${clockText(r.duration_ms / 1000)}` })), ...(v.attempt && !known ? [{ value: v.attempt, label: v.attempt }] : [])];
  const send = () => begin.mutate({ title: v.title.trim(), attempt_id: v.attempt, card_id: card, evaluators: v.evaluators, ...(v.reference ? { reference_id: v.reference } : {}) }, { onSuccess: (b) => go(`/quality/calibration/${b.id}`) });
  return (
    <FormDialog title={t('quality.newCalibration')} hint={t('quality.calibrationHint')} action={t('quality.begin')} size="lg" busy={begin.isPending} disabled={!v.title.trim() || !v.attempt || !card || v.evaluators.length < 2} testid="calibration-dialog" onClose={onClose} onSubmit={send}>
      <TextInput label={t('quality.title')} maxLength={120} required data-autofocus value={v.title} onChange={(e) => set({ title: e.currentTarget.value })} data-testid="calibration-title" />
      <Select label={t('quality.theCall')} description={t('quality.theCallHint')} required searchable value={v.attempt || null} onChange={(x) => set({ attempt: x ?? '' })} data={calls} data-testid="calibration-call" />
      <Select label={t('quality.card')} required allowDeselect={false} value={card || null} onChange={(x) => set({ card: x ?? '' })} data={cards.map((c) => ({ value: c.id, label: c.name }))} data-testid="calibration-card" />
      <MultiSelect label={t('quality.evaluators')} required searchable maxValues={30} value={v.evaluators} onChange={(x) => set({ evaluators: x, reference: x.includes(v.reference) ? v.reference : '' })} data={judges.map((u) => ({ value: u.id, label: u.name }))} data-testid="calibration-evaluators" />
      <Select label={t('quality.reference')} description={t('quality.referenceHint')} clearable value={v.reference || null} onChange={(x) => set({ reference: x ?? '' })} data={judges.filter((u) => v.evaluators.includes(u.id)).map((u) => ({ value: u.id, label: u.name }))} data-testid="calibration-reference" />
      <ChangeProblem error={begin.error} />
    </FormDialog>
  );
}

/** Calibrations: who is to score, and what came of those that are closed. */
export function CalibrationsTab({ attempt }: { attempt: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const all = useCalibrations();
  const [making, setMaking] = useState(!!attempt);
  const create = <Button size="compact-sm" variant="light" leftSection={<IconPlus size={14} />} onClick={() => setMaking(true)} data-testid="calibration-new">{t('quality.newCalibration')}</Button>;
  return (
    <Panel title={t('quality.tab.calibration')} aside={create} testid="calibrations">
      <Load query={all} empty={(x) => x.length === 0} whenEmpty={<Empty icon={<IconScaleOutline size={36} stroke={1.4} />} title={t('quality.noCalibrations')} hint={t('quality.calibrationHint')} />}>
        {(rows) => (
          <Scroll>
            <Table className={css.table}>
              <Table.Thead><Table.Tr><Table.Th>{t('quality.title')}</Table.Th><Table.Th>{t('quality.agent')}</Table.Th><Table.Th>{t('quality.called')}</Table.Th><Table.Th>{t('quality.card')}</Table.Th><Table.Th ta="right">{t('quality.scored')}</Table.Th><Table.Th>{t('quality.state')}</Table.Th></Table.Tr></Table.Thead>
              <Table.Tbody>
                {rows.map((b) => (
                  <Table.Tr key={b.id} data-testid="calibration-row">
                    <Table.Td className={css.wide} title={b.title}><Link href={`/quality/calibration/${b.id}`} data-testid="calibration-open">{b.title}</Link></Table.Td>
                    <Table.Td className={css.cut} title={b.agent}>{b.agent}</Table.Td>
                    <Table.Td>{f.dateTime(b.called_at)}</Table.Td>
                    <Table.Td className={css.cut} title={b.card}>{b.card} · {b.card_version}</Table.Td>
                    <Table.Td ta="right" className="num">{b.submitted} / {b.asked}</Table.Td>
                    <Table.Td>
                      <Group gap={6} wrap="nowrap">
                        <StatePill state={b.closed_at ? 'plain' : 'info'}>{t(b.closed_at ? 'quality.closed' : 'quality.blind')}</StatePill>
                        {b.mine && !b.done && !b.closed_at && <StatePill state="warn">{t('quality.yourTurn')}</StatePill>}
                      </Group>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Scroll>
        )}
      </Load>
      {making && <NewDialog attempt={attempt} onClose={() => setMaking(false)} />}
    </Panel>
  );
}

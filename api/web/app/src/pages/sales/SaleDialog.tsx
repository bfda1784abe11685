import { Button, Group, Modal, NumberInput, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { CURRENCIES, digitsOf, moneyText, newID, stageName, stageOf, toMinor, useSale, useSaleStages, useSaveSale, type Sale } from '../../api/sales';
import { applyProblem } from '../../lib/form';
import { useFormats } from '../../lib/format';
import { load, save as keep } from '../../lib/storage';
import { useUser } from '../../lib/session';
import { toastOK } from '../../ui/toast';
import { useUserNames } from '../campaigns/api';
import css from './sales.module.css';

const CURRENCY = 'dialtide.currency';
const local = (iso: string | null) => (iso ? new Date(Date.parse(iso) - new Date(iso).getTimezoneOffset() * 60_000).toISOString().slice(0, 16) : '');

interface Props {
  /** null: a new one, of the call. */
  sale: Sale | null;
  campaign: string;
  attempt: string;
  onClose: () => void;
}

function History({ id }: { id: string }) {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  const history = useSale(id).data?.history ?? [];
  if (history.length === 0) return null;
  return (
    <section>
      <Text size="sm" fw={600} mb={4}>{t('sales.history')}</Text>
      <ol className={css.history} data-testid="sale-history">
        {history.map((h, i) => <li key={i}><span>{f.dateTime(h.at)}</span><b>{stageOf(h, i18n.language)}</b><span className="num">{moneyText(i18n.language, h.amount, h.currency)}</span><span className="truncate">{h.by}</span></li>)}
      </ol>
    </section>
  );
}

/** A sale as a form: what, where it stands, how much, when to follow up and who. */
export function SaleDialog({ sale, campaign, attempt, onClose }: Props) {
  const { t, i18n } = useTranslation();
  const me = useUser();
  const stages = useSaleStages(campaign).data ?? [];
  const users = useUserNames(me.role !== 'agent').data ?? [];
  const save = useSaveSale();
  const id = useRef(newID());
  const kept = load(CURRENCY);
  const form = useForm({
    initialValues: {
      title: sale?.title ?? '', stage_id: sale?.stage_id ?? '', currency: sale?.currency ?? (typeof kept === 'string' && /^[A-Z]{3}$/.test(kept) ? kept : i18n.language === 'zh-CN' ? 'CNY' : 'EUR'),
      amount: sale ? sale.amount / 10 ** digitsOf(sale.currency) : ('' as number | string), follow_up_at: local(sale?.follow_up_at ?? null), owner_id: sale?.owner_id ?? (sale ? '' : me.id), note: sale?.note ?? '',
    },
  });
  const v = form.values;
  const stage = v.stage_id || stages[0]?.id || '';
  const shown = sale && !stages.some((s) => s.id === sale.stage_id) ? [{ id: sale.stage_id, name_en: sale.stage_en, name_zh: sale.stage_zh, kind: sale.kind }, ...stages] : stages;
  const owners = me.role === 'agent' ? [{ id: me.id, name: me.name }, ...(sale?.owner_id && sale.owner_id !== me.id ? [{ id: sale.owner_id, name: sale.owner_name }] : [])] : users;
  const store = () => save.mutate({
    sale, id: id.current, attempt,
    text: {
      title: v.title.trim(), stage_id: stage, currency: v.currency, amount: toMinor(Number(v.amount) || 0, v.currency), note: v.note.trim(),
      ...(v.follow_up_at ? { follow_up_at: new Date(v.follow_up_at).toISOString() } : {}), ...(v.owner_id ? { owner_id: v.owner_id } : {}),
    },
  }, {
    onSuccess: () => {
      keep(CURRENCY, v.currency);
      toastOK(t('sales.saved'));
      onClose();
    },
    onError: (e) => applyProblem(form, e),
  });
  return (
    <Modal opened onClose={onClose} title={sale ? sale.contact_name || t('sales.sale') : t('sales.create')} size="lg" closeOnClickOutside={!form.isDirty()} data-testid="sale-dialog">
      <form onSubmit={(e) => { e.preventDefault(); store(); }} noValidate>
        <Stack gap="sm">
          <TextInput label={t('sales.what')} maxLength={200} required data-autofocus {...form.getInputProps('title')} data-testid="sale-title" />
          <Group grow align="flex-start">
            <Select label={t('sales.stage')} allowDeselect={false} data={shown.map((s) => ({ value: s.id!, label: stageName(s, i18n.language) }))} {...form.getInputProps('stage_id')} value={stage} data-testid="sale-stage" />
            <NumberInput label={t('sales.amount')} min={0} max={1e10} decimalScale={digitsOf(v.currency)} thousandSeparator="," {...form.getInputProps('amount')} data-testid="sale-amount" />
            <Select label={t('sales.currency')} allowDeselect={false} searchable data={CURRENCIES.includes(v.currency) ? CURRENCIES : [v.currency, ...CURRENCIES]} {...form.getInputProps('currency')} data-testid="sale-currency" />
          </Group>
          <Group grow align="flex-start">
            <TextInput type="datetime-local" label={t('sales.followUp')} {...form.getInputProps('follow_up_at')} data-testid="sale-follow-up" />
            <Select label={t('sales.owner')} clearable searchable data={owners.map((u) => ({ value: u.id, label: u.name }))} {...form.getInputProps('owner_id')} value={v.owner_id || null} onChange={(x) => form.setFieldValue('owner_id', x ?? '')} data-testid="sale-owner" />
          </Group>
          <Textarea label={t('sales.note')} maxLength={2000} autosize minRows={2} maxRows={6} {...form.getInputProps('note')} />
          {sale && <History id={sale.id} />}
          <Group justify="flex-end"><Button type="submit" loading={save.isPending} disabled={!v.title.trim() || !stage} data-testid="sale-save">{t('sales.save')}</Button></Group>
        </Stack>
      </form>
    </Modal>
  );
}

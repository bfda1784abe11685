import { ActionIcon, Autocomplete, Input, NumberInput, Progress, SegmentedControl, Select, Text } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconArrowsShuffle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useLists } from '../../api/queries';
import { ORDERS, type Order } from '../../api/types';
import { codeName } from '../../i18n';
import { useFormats } from '../../lib/format';
import { useFields } from '../segments/api';
import { useOrderStatus } from './api';
import css from './campaigns.module.css';
import type { Form } from './parts';
import { reorder, swapped, weigh, weights } from './steer';

interface Props {
  form: Form;
  change: (o: Partial<Order>) => void;
}

function ByField({ form, change }: Props) {
  const { t } = useTranslation();
  const o = form.values.settings.order ?? {};
  const fields = useFields(form.values.list_ids).data ?? [];
  const names = fields.filter((f) => f.custom).map((f) => f.name);
  const pick = (name: string) => {
    const type = fields.find((f) => f.custom && f.name === name)?.type;
    change({ field: name, type: type === 'number' || type === 'money' ? 'number' : type === 'date' ? 'date' : 'text' });
  };
  return (
    <div className={css.pair}>
      <Autocomplete label={t('steer.field')} data={names} limit={50} maxLength={120} value={o.field ?? ''} onChange={pick} error={form.errors['settings.order.field']} data-testid="order-field" />
      <Select label={t('steer.type')} allowDeselect={false} value={o.type ?? 'text'} onChange={(v) => change({ type: v as Order['type'] })} error={form.errors['settings.order.type']}
        data={(['text', 'number', 'date'] as const).map((value) => ({ value, label: codeName('fieldType', value) }))} data-testid="order-type" />
      <div>
        <Input.Label labelElement="div" size="sm">{t('steer.direction')}</Input.Label>
        <SegmentedControl fullWidth size="xs" mt={3} aria-label={t('steer.direction')} value={o.descending ? 'down' : 'up'} onChange={(v) => change({ descending: v === 'down' })}
          data={[{ value: 'up', label: t('steer.up') }, { value: 'down', label: t('steer.down') }]} data-testid="order-direction" />
      </div>
    </div>
  );
}

function Shuffle({ form, change }: Props) {
  const { t } = useTranslation();
  const seed = form.values.settings.order?.seed ?? 0;
  return (
    <div className={css.inline}>
      <NumberInput label={t('steer.seed')} description={t('steer.seedHint')} min={0} max={999_999} allowDecimal={false} value={seed} onChange={(v) => change({ seed: Number(v) || 0 })} data-testid="order-seed" />
      <ActionIcon variant="default" size={36} aria-label={t('steer.shuffle')} title={t('steer.shuffle')} onClick={() => change({ seed: 1 + Math.floor(Math.random() * 999_999) })}><IconArrowsShuffle size={17} /></ActionIcon>
    </div>
  );
}

/** The campaign's lists in their order, in a mix with weights. */
function Lists({ form, change }: Props) {
  const { t } = useTranslation();
  const f = useFormats();
  const o = form.values.settings.order;
  const ids = form.values.list_ids;
  const lists = useLists();
  const name = (id: string) => lists.data?.find((l) => l.id === id)?.name ?? '…';
  const move = (i: number, by: -1 | 1) => form.setFieldValue('list_ids', swapped(ids, i, by));
  const setWeight = (id: string, weight: number) => form.setFieldValue('settings.order', weigh(o, ids, id, weight));
  const way = o?.lists ?? '';
  return (
    <div>
      <Input.Label labelElement="div" size="sm" mb={2}>{t('steer.lists')}</Input.Label>
      <SegmentedControl fullWidth size="sm" aria-label={t('steer.lists')} value={way} onChange={(v) => change({ lists: v as Order['lists'] })} data-testid="order-lists"
        data={[{ value: '', label: t('steer.inTurn') }, { value: 'together', label: t('steer.together') }, { value: 'mix', label: t('steer.mix') }]} />
      <Text size="xs" c="dimmed" mt={4}>{t(way === 'mix' ? 'steer.mixHint' : way === 'together' ? 'steer.togetherHint' : 'steer.inTurnHint')}</Text>
      <ol className={css.turns} aria-label={t('campaigns.list')}>
        {weights(o, ids).map(({ id, weight, share }, i) => (
          <li key={id} data-testid="order-list" data-list={id}>
            <span className="num">{i + 1}</span>
            <span className="truncate" title={name(id)}>{name(id)}</span>
            {way === 'mix' && (
              <>
                <NumberInput size="xs" w={84} min={1} max={1000} allowDecimal={false} value={weight} onChange={(v) => setWeight(id, Number(v) || 1)} aria-label={`${t('steer.weight')}: ${name(id)}`} data-testid="mix-weight" />
                <span className={`num ${css.ofAll}`} data-testid="mix-share">{f.percent(share)}</span>
              </>
            )}
            {way === '' && (
              <span className={css.arrows}>
                <ActionIcon size="sm" variant="subtle" color="gray" disabled={i === 0} aria-label={`${t('campaigns.moveUp')}: ${name(id)}`} onClick={() => move(i, -1)} data-testid="list-up"><IconArrowUp size={14} /></ActionIcon>
                <ActionIcon size="sm" variant="subtle" color="gray" disabled={i === ids.length - 1} aria-label={`${t('campaigns.moveDown')}: ${name(id)}`} onClick={() => move(i, 1)}><IconArrowDown size={14} /></ActionIcon>
              </span>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}

/** How far the order is that was saved last. */
function Status({ id }: { id: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const s = useOrderStatus(id).data;
  if (!s || s.state === 'none') return null;
  const text = s.state === 'ready' ? t('steer.ready', { total: f.number(s.placed) }) : t('steer.building', { placed: f.number(s.placed), total: f.number(s.total) });
  return (
    <div data-testid="order-status" data-order-state={s.state} role="status">
      <Text size="xs" c="dimmed">{text}</Text>
      {s.state === 'building' && <Progress mt={4} value={s.total > 0 ? (s.placed / s.total) * 100 : 0} animated aria-label={t('steer.order')} />}
    </div>
  );
}

/** Who comes next of the contacts never tried. */
export function OrderFields({ id, form }: { id: string; form: Form }) {
  const { t } = useTranslation();
  const o = form.values.settings.order ?? {};
  const change = (c: Partial<Order>) => form.setFieldValue('settings.order', reorder(form.values.settings.order, c));
  const by = o.by || 'list';
  return (
    <>
      <div>
        <Select label={t('steer.by')} allowDeselect={false} value={by} onChange={(v) => change({ by: v as Order['by'] })} error={form.errors['settings.order.by']} maxDropdownHeight={340}
          data={ORDERS.map((value) => ({ value, label: codeName('order', value) }))} data-testid="order-by" />
        <Text size="xs" c="dimmed" mt={4}>{codeName('orderHint', by)}</Text>
      </div>
      {by === 'field' && <ByField form={form} change={change} />}
      {by === 'random' && <Shuffle form={form} change={change} />}
      {form.values.list_ids.length > 1 && <Lists form={form} change={change} />}
      <Text size="xs" c="dimmed">{t('steer.first')}</Text>
      <Status id={id} />
    </>
  );
}

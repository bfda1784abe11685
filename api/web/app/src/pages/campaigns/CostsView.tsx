import { ActionIcon, Alert, Button, Group, NumberInput, Select, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/http';
import { RATES, useCosts, useSaveCosts, type Rate, type Rates } from '../../api/reports';
import { CURRENCIES, digitsOf } from '../../api/sales';
import { fieldText, problemText } from '../../i18n/problem';
import { clock } from '../../lib/clock';
import { fromWall, toWall } from '../../lib/zone';
import { toastOK } from '../../ui/toast';
import { Empty, Load, Panel } from '../../ui/ui';
import css from './campaigns.module.css';

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
const QUARTER = 15 * 60_000;

/** A row as it is typed; the moment as the clock on the wall shows it. */
interface Typed extends Record<Rate, number | string> {
  wall: string;
}

const typed = (r: Rates): Typed => ({ ...r, wall: toWall(Date.parse(r.since), zone) });
const first = (): Typed => ({ wall: toWall(Math.floor(clock.now() / QUARTER) * QUARTER, zone), data: 0, labour: 0, call: 0, minute: 0, commission: 0, fulfilment: 0, revenue: 0 });

/** What a campaign costs and earns, from which moment on: what the reports' money is worked out from. */
export function CostsView({ campaign }: { campaign: string }) {
  const { t } = useTranslation();
  const now = useCosts(campaign);
  return (
    <Panel title={t('costs.title')}>
      <Load query={now} rows={3}>{(rows) => <CostsForm key={JSON.stringify(rows)} campaign={campaign} saved={rows} />}</Load>
    </Panel>
  );
}

function CostsForm({ campaign, saved }: { campaign: string; saved: Rates[] }) {
  const { t, i18n } = useTranslation();
  const save = useSaveCosts(campaign);
  const [rows, setRows] = useState(() => saved.map(typed));
  const [currency, setCurrency] = useState(saved[0]?.currency ?? (i18n.language === 'zh-CN' ? 'CNY' : 'EUR'));
  const [dirty, setDirty] = useState(false);
  const change = (next: Typed[]) => {
    setRows(next);
    setDirty(true);
    save.reset(); // a mended field is not wrong any more
  };
  const set = (i: number, part: Partial<Typed>) => change(rows.map((r, k) => (k === i ? { ...r, ...part } : r)));
  const add = () => change([...rows, { ...(rows.at(-1) ?? first()), wall: first().wall }]);
  const store = () => {
    const inTurn = rows.toSorted((a, b) => a.wall.localeCompare(b.wall)); // as the server's problems will count them
    setRows(inTurn);
    save.mutate(inTurn.map((r) => ({
      since: fromWall(r.wall, zone)!.toISOString(), currency, ...(Object.fromEntries(RATES.map((k) => [k, Number(r[k]) || 0])) as Record<Rate, number>),
    })), { onSuccess: () => toastOK(t('costs.saved')) });
  };
  const problem = (i: number, field: string) => {
    const found = save.error instanceof ApiError ? save.error.fields.find((f) => f.path === `items.${i}.${field}`) : undefined;
    return found && fieldText(found.message);
  };
  const whole = rows.every((r) => fromWall(r.wall, zone) !== null);
  const twice = new Set(rows.map((r) => r.wall)).size < rows.length;
  return (
    <div className={css.body} data-testid="costs-form">
      <Text size="sm" c="dimmed" maw={760}>{t('costs.hint')}</Text>
      {rows.length === 0 && <Empty title={t('costs.empty')} hint={t('costs.emptyHint')} />}
      {rows.length > 0 && (
        <Select w={200} label={t('costs.currency')} allowDeselect={false} searchable value={currency} data={CURRENCIES.includes(currency) ? CURRENCIES : [currency, ...CURRENCIES]}
          onChange={(v) => { setCurrency(v ?? currency); setDirty(true); }} data-testid="costs-currency" />
      )}
      {rows.map((r, i) => (
        <fieldset key={i} className={css.rates} data-testid="costs-row">
          <legend>{i === 0 && rows.length === 1 ? t('costs.onlyRow') : t('costs.row', { n: i + 1 })}</legend>
          <TextInput type="datetime-local" step={900} label={t('costs.since')} description={zone} value={r.wall} error={problem(i, 'since')} onChange={(e) => set(i, { wall: e.currentTarget.value })} data-testid="costs-since" />
          {RATES.map((k) => (
            <NumberInput key={k} label={t(`costs.rate.${k}`)} description={t(`costs.per.${k}`)} min={0} max={k === 'revenue' ? 1e9 : 1e6} decimalScale={digitsOf(currency) + 2} thousandSeparator="," hideControls
              value={r[k]} error={problem(i, k)} onChange={(v) => set(i, { [k]: v })} data-testid={`costs-${k}`} />
          ))}
          <ActionIcon variant="subtle" color="red" aria-label={t('costs.remove', { n: i + 1 })} onClick={() => change(rows.filter((_, k) => k !== i))}><IconTrash size={16} /></ActionIcon>
        </fieldset>
      ))}
      {twice && <Text size="sm" className={css.error}>{t('costs.twice')}</Text>}
      {save.error && <Alert color="red" p="xs" role="alert">{problemText(save.error)}</Alert>}
      <Group justify="space-between">
        <Button variant="default" leftSection={<IconPlus size={15} />} disabled={rows.length >= 100} onClick={add} data-testid="costs-add">{t(rows.length ? 'costs.addLater' : 'costs.add')}</Button>
        <Button loading={save.isPending} disabled={!dirty || !whole || twice} onClick={store} data-testid="costs-save">{t('costs.save')}</Button>
      </Group>
    </div>
  );
}

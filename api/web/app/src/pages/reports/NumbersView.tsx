import { Button, SegmentedControl, Table } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { reportURL, useDefinitions, useReport, type Ask, type Definition, type ReportRow, type ReportTable } from '../../api/reports';
import { codeName } from '../../i18n';
import { useFormats } from '../../lib/format';
import { Files } from '../../ui/Files';
import { Plot } from '../../ui/Plot';
import { Empty, Load, Panel } from '../../ui/ui';
import { change, isTime, OUTCOMES, say, SETS, sorted, text, type SetName } from './reports';
import css from './reports.module.css';

interface Column extends Definition {
  sum?: boolean;
}

/** The columns of a set: definitions of numbers, or the outcomes one by one. */
function useColumns(all: Definition[], set: SetName): Column[] {
  const { t } = useTranslation();
  return useMemo(() => {
    const kpi = (id: string) => all.find((d) => d.id === id);
    if (set !== 'outcomes') return SETS[set].map(kpi).filter((d) => d !== undefined);
    const sum = t('reports.outcomeHint');
    return [kpi('attempts')!, ...OUTCOMES.map((o): Column => ({ id: o, unit: 'count', sum: true, name: { en: codeName('outcome', o), zh: codeName('outcome', o) }, formula: { en: sum, zh: sum } }))];
  }, [all, set, t]);
}

const of = (r: ReportRow, c: Column) => (c.sum ? r.sums[c.id] : r.kpi[c.id]) ?? null;

function useLabel(table: ReportTable) {
  const { t } = useTranslation();
  return (r: ReportRow) => {
    if (r.key === '') return t(`reports.none.${table.group === 'agent' ? 'agent' : 'version'}`);
    if (table.group === 'hour') return `${r.key}:00`;
    if (table.group === 'mode') return codeName('mode', r.key);
    return r.label || t('reports.gone', { id: r.key.slice(0, 8) });
  };
}

function Change({ now, before, unit }: { now: number | null; before: number | null | undefined; unit: Definition['unit'] }) {
  const { t } = useTranslation();
  const f = useFormats();
  const d = change(now, before, unit);
  if (d === null) return null;
  const shown = unit === 'share' ? t('reports.points', { n: (d > 0 ? '+' : '') + f.number(Math.round(d * 1000) / 10) }) : (d > 0 ? '+' : '') + f.percent(d);
  return <span className={`num ${css.change}`}>{shown}</span>;
}

/** The whole period in the numbers of a set; the outcomes one by one are in the table. */
function Cards({ table, defs, set }: { table: ReportTable; defs: Definition[]; set: SetName }) {
  const { i18n } = useTranslation();
  const f = useFormats();
  return (
    <div className={css.cards} data-testid="report-cards">
      {(set === 'outcomes' ? SETS.result : SETS[set]).slice(...(set === 'money' ? [-10] : [0, 10])).map((id) => defs.find((d) => d.id === id)).filter((d) => d !== undefined).map((d) => (
        <div key={d.id} className={css.card} title={say(d.formula, i18n.language)}>
          <span className="truncate">{say(d.name, i18n.language)}</span>
          <b className="num">{text(table.total.kpi[d.id], d.unit, f, table.currency, i18n.language)}</b>
          <Change now={table.total.kpi[d.id] ?? null} before={table.total.previous?.[d.id]} unit={d.unit} />
        </div>
      ))}
    </div>
  );
}

const BARS = 40;

function Picture({ table, column }: { table: ReportTable; column: Column }) {
  const { i18n } = useTranslation();
  const f = useFormats();
  const label = useLabel(table);
  const name = say(column.name, i18n.language);
  const show = (v: number | null) => text(v, column.unit, f, table.currency, i18n.language);
  if (isTime(table.group) && table.rows.length > 1) {
    const x = table.rows.map((_, i) => i);
    return (
      <div className={css.plot}>
        <Plot title={name} hint={say(column.formula, i18n.language)} x={x} xRange={[0, x.length - 1]} xSteps={[1, 2, 7, 14, 30, 60, 120]} xText={(i) => (table.rows[i] ? label(table.rows[i]) : '')}
          yText={(v) => show(v)} least={column.unit === 'share' ? 0.02 : 1} lines={[{ name, ink: 'main', values: table.rows.map((r) => of(r, column)), fill: true, points: x.length < 40 }]} />
      </div>
    );
  }
  const rows = table.rows.filter((r) => of(r, column) !== null).slice(0, BARS);
  const most = Math.max(...rows.map((r) => Math.abs(of(r, column)!)), 0);
  if (rows.length < 2 || most === 0) return null;
  return (
    <div className={css.bars} aria-label={name} role="group" tabIndex={0}>
      <b title={say(column.formula, i18n.language)}>{name}</b>
      {rows.map((r) => [
        <span key={r.key + 'n'} className="truncate" title={label(r)}>{label(r)}</span>,
        <i key={r.key + 'b'} style={{ width: `${(Math.abs(of(r, column)!) / most) * 100}%` }} aria-hidden />,
        <span key={r.key + 'v'} className="num">{show(of(r, column))}</span>,
      ])}
    </div>
  );
}

function Grid({ table, columns, shown, onShow }: { table: ReportTable; columns: Column[]; shown: string; onShow: (id: string) => void }) {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  const label = useLabel(table);
  const [sort, setSort] = useState<{ by: string; down: boolean }>({ by: '', down: true });
  const rows = useMemo(() => sorted(table.rows, sort.by, sort.down), [table.rows, sort]);
  const cell = (r: ReportRow, c: Column) => (
    <Table.Td key={c.id} className="num">{text(of(r, c), c.unit, f, table.currency, i18n.language)}{r.previous && <Change now={of(r, c)} before={r.previous[c.id]} unit={c.unit} />}</Table.Td>
  );
  const click = (id: string) => {
    onShow(id);
    setSort((s) => (s.by === id ? { by: id, down: !s.down } : { by: id, down: true }));
  };
  return (
    <div className={css.table} tabIndex={0} role="region" aria-label={t('reports.table')}>
      <Table highlightOnHover data-testid="report-table">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t(`reports.by.${table.group}`)}</Table.Th>
            {columns.map((c) => (
              <Table.Th key={c.id} title={say(c.formula, i18n.language)} aria-sort={sort.by === c.id ? (sort.down ? 'descending' : 'ascending') : undefined}>
                <button type="button" className={css.sort} data-on={shown === c.id || undefined} onClick={() => click(c.id)}>{say(c.name, i18n.language)}{sort.by === c.id && (sort.down ? ' ↓' : ' ↑')}</button>
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((r) => (
            <Table.Tr key={r.key}>
              <Table.Td><div className={`truncate ${r.label || !r.key ? '' : css.gone}`} title={label(r)}>{label(r)}</div></Table.Td>
              {columns.map((c) => cell(r, c))}
            </Table.Tr>
          ))}
        </Table.Tbody>
        <Table.Tfoot>
          <Table.Tr><Table.Td>{t('reports.total')}</Table.Td>{columns.map((c) => cell({ ...table.total, previous: undefined }, c))}</Table.Tr>
        </Table.Tfoot>
      </Table>
    </div>
  );
}

function Definitions({ columns }: { columns: Column[] }) {
  const { t, i18n } = useTranslation();
  return (
    <Panel title={t('reports.definitions')}>
      <dl className={css.defs}>
        {columns.filter((c) => !c.sum).map((c) => [<dt key={c.id}>{say(c.name, i18n.language)}</dt>, <dd key={c.id + 'd'}>{say(c.formula, i18n.language)}</dd>])}
      </dl>
    </Panel>
  );
}

/** The numbers of a period: the whole, a picture, the table, and what each number means. */
export function NumbersView({ ask }: { ask: Ask }) {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  const found = useReport(ask);
  const defs = useDefinitions();
  const [set, setSet] = useState<SetName>('result');
  const [shown, setShown] = useState('attempts');
  const columns = useColumns(defs.data ?? [], set);
  const column = columns.find((c) => c.id === shown) ?? columns[0];
  return (
    <>
      <Panel testid="report">
        <div className={css.tools}>
          <SegmentedControl size="xs" aria-label={t('reports.columns')} value={set} onChange={(v) => setSet(v as SetName)} data={(Object.keys(SETS) as SetName[]).map((s) => ({ value: s, label: t(`reports.set.${s}`) }))} />
          {found.data && <span className={css.note}>{t('reports.asOf', { time: f.dateTime(found.data.as_of) })}{found.data.behind && <span className={css.warn}> · {t('reports.behind')}</span>}</span>}
          <span className={css.spacer} />
          <Files url={(format) => reportURL(ask, format, i18n.language)} testid="report" />
          <Button size="compact-sm" variant="default" leftSection={<IconPrinter size={15} />} onClick={() => window.print()}>{t('reports.print')}</Button>
        </div>
        <Load query={found} rows={12} empty={(r) => r.rows.length === 0} whenEmpty={<Empty title={t('reports.empty')} hint={t('reports.emptyHint')} />}>
          {(table) => (
            <>
              <Cards table={table} defs={defs.data ?? []} set={set} />
              {column && <Picture table={table} column={column} />}
              <Grid table={table} columns={columns} shown={column?.id ?? ''} onShow={setShown} />
              {table.truncated && <p className={`${css.note} ${css.tools}`}>{t('reports.truncated', { n: f.number(table.rows.length) })}</p>}
              {set === 'money' && table.total.kpi['cost'] === null && <p className={`${css.note} ${css.tools}`}>{t('reports.noCosts')}</p>}
            </>
          )}
        </Load>
      </Panel>
      <div style={{ height: 12 }} />
      <Definitions columns={columns} />
    </>
  );
}

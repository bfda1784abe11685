import { Anchor, Group as Row, Select, Table, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCampaigns } from '../../api/queries';
import { useFormats } from '../../lib/format';
import { Empty, Load, Panel, Scroll, StatePill } from '../../ui/ui';
import { localText } from '../agent/names';
import { answersURL, useDropoff, useResults, type Group, type Overview, type QuestionResult, type ReportFilter, type Share, type Way } from './api';
import { bars, emptyShare, verdictKey, worstStep } from './report';
import css from './scripts.module.css';

const BY = ['version', 'campaign', 'list', 'segment', 'hour'] as const;
type By = (typeof BY)[number];

/** A share with its interval of 95 %, as text and as a bar. */
export function ShareText({ s, most = 1, ink }: { s: Share; most?: number; ink?: string }) {
  const f = useFormats();
  const { t } = useTranslation();
  if (emptyShare(s)) return <span className={css.soft}>–</span>;
  const at = (v: number) => `${Math.min(100, (v / most) * 100)}%`;
  return (
    <span className={css.share} title={t('scripts.nOf', { n: f.number(s.n), of: f.number(s.of) })}>
      <b className="num">{f.percent(s.share)}</b> <span className={`num ${css.soft}`}>{f.percent(s.low)}–{f.percent(s.high)}</span>
      <span className={css.interval} data-ink={ink} aria-hidden><i style={{ left: at(s.low), right: `calc(100% - ${at(s.high)})` }} /><b style={{ left: at(s.share) }} /></span>
    </span>
  );
}

const states = { opening: 'bad', offer: 'warn', both: 'bad', few: 'plain', fine: 'good' } as const;

function Compare({ groups, chosen, onChoose }: { groups: Group[]; chosen: string; onChoose: (key: string) => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  return (
    <Scroll>
      <Table className={css.wide}>
        <Table.Thead><Table.Tr><Table.Th>{t('scripts.group')}</Table.Th><Table.Th>{t('calls.attempts')}</Table.Th><Table.Th>{t('scripts.early')}</Table.Th><Table.Th>{t('scripts.afterOpening')}</Table.Th><Table.Th>{t('scripts.conversion')}</Table.Th><Table.Th>{t('scripts.refusal')}</Table.Th><Table.Th>{t('scripts.verdict')}</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {groups.map((g) => (
            <Table.Tr key={g.key} data-chosen={g.key === chosen || undefined} data-testid="group-row">
              <Table.Td><button type="button" className={css.link} aria-pressed={g.key === chosen} onClick={() => onChoose(g.key)}>{g.label}</button></Table.Td>
              <Table.Td className="num">{f.number(g.calls)}</Table.Td>
              <Table.Td><ShareText s={g.early} ink="bad" /></Table.Td><Table.Td><ShareText s={g.after_opening} /></Table.Td><Table.Td><ShareText s={g.conversion} /></Table.Td><Table.Td><ShareText s={g.refusal} ink="bad" /></Table.Td>
              <Table.Td><StatePill state={states[verdictKey(g)]}>{t(`scripts.verdictShort.${verdictKey(g)}`)}</StatePill></Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}

function Steps({ group }: { group: Group }) {
  const { t } = useTranslation();
  const f = useFormats();
  const seconds = (ms: number) => `${f.number(Math.round(ms / 100) / 10)} ${t('ui.seconds')}`;
  return (
    <>
      <div className={css.legend}><span data-ink="reached">{t('scripts.goOn')}</span><span data-ink="exits">{t('scripts.endsOther')}</span><span data-ink="refusals">{t('scripts.refuses')}</span></div>
      <Scroll>
        <Table className={css.wide} data-testid="steps">
          <Table.Thead><Table.Tr><Table.Th w={190}>{t('scripts.page')}</Table.Th><Table.Th w="30%"><span className={css.hidden}>{t('scripts.plot')}</span></Table.Th><Table.Th>{t('scripts.reached')}</Table.Th><Table.Th>{t('scripts.exits')}</Table.Th><Table.Th>{t('scripts.refusals')}</Table.Th><Table.Th>{t('scripts.within30')}</Table.Th><Table.Th>{t('scripts.time')}</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {bars(group.steps ?? []).map(({ step: s, reached, exits, refusals, lost }) => (
              <Table.Tr key={s.step}>
                <Table.Td><div className="truncate" title={s.step}>{localText(s.title) || s.step}</div></Table.Td>
                <Table.Td>
                  <svg className={css.bar} width="100%" height="16" role="img" aria-label={t('scripts.barLabel', { reached: s.reached, exits: s.exits, refusals: s.refusals })}>
                    <rect data-ink="reached" x="0" y="1" height="14" width={`${reached * 100}%`} rx="2" />
                    <rect data-ink="exits" x={`${(reached - exits - refusals) * 100}%`} y="1" height="14" width={`${exits * 100}%`} />
                    <rect data-ink="refusals" x={`${(reached - refusals) * 100}%`} y="1" height="14" width={`${refusals * 100}%`} />
                  </svg>
                </Table.Td>
                <Table.Td className="num">{f.number(s.reached)}</Table.Td><Table.Td className="num">{f.number(s.exits)} <span className={css.soft}>{f.percent(lost)}</span></Table.Td>
                <Table.Td className="num">{f.number(s.refusals)}</Table.Td><Table.Td className="num">{f.number(s.early)}</Table.Td>
                <Table.Td className="num">{t('scripts.median', { median: seconds(s.median_ms), p90: seconds(s.p90_ms) })}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Scroll>
    </>
  );
}

function Ways({ group }: { group: Group }) {
  const { t } = useTranslation();
  const f = useFormats();
  const title = (id: string) => localText(group.steps?.find((s) => s.step === id)?.title) || id || t('scripts.end');
  const ways: Way[] = [...(group.ways ?? [])].sort((a, b) => b.calls - a.calls).slice(0, 60);
  if (ways.length === 0) return <Empty title={t('scripts.noWays')} />;
  return (
    <Scroll>
      <Table className={css.wide} data-testid="ways">
        <Table.Thead><Table.Tr><Table.Th>{t('scripts.way')}</Table.Th><Table.Th>{t('calls.attempts')}</Table.Th><Table.Th>{t('scripts.conversion')}</Table.Th><Table.Th>{t('scripts.refusals')}</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>{ways.map((w) => <Table.Tr key={`${w.from}>${w.to}`}><Table.Td>{title(w.from)} → {title(w.to)}</Table.Td><Table.Td className="num">{f.number(w.calls)}</Table.Td><Table.Td><ShareText s={w.conversion} /></Table.Td><Table.Td className="num">{f.number(w.refusals)}</Table.Td></Table.Tr>)}</Table.Tbody>
      </Table>
    </Scroll>
  );
}

function QuestionResults({ q }: { q: QuestionResult }) {
  const { t } = useTranslation();
  const f = useFormats();
  return (
    <div className={css.result}>
      <h3>{localText(q.text) || q.id} <span className={css.soft}>{t('scripts.answered', { count: q.answered })}</span></h3>
      {q.mean !== null && q.mean !== undefined && <p className={css.soft}>{t('scripts.meanMedian', { mean: f.number(Math.round(q.mean * 100) / 100), median: f.number(Math.round((q.median ?? 0) * 100) / 100) })}</p>}
      {(q.options ?? []).map((o) => (
        <div key={`${o.row ?? ''}/${o.value}`} className={css.resultRow}>
          <span className="truncate">{o.row ? `${o.row}: ` : ''}{localText(o.label) || o.value}</span>
          <svg className={css.bar} width="100%" height="12" aria-hidden><rect data-ink="reached" height="12" width={`${o.share * 100}%`} rx="2" /></svg>
          <span className="num">{f.number(o.count)} · {f.percent(o.share)} <span className={css.soft}>{f.percent(o.low)}–{f.percent(o.high)}</span></span>
        </div>
      ))}
    </div>
  );
}

function Details({ group }: { group: Group }) {
  const { t } = useTranslation();
  const f = useFormats();
  const worst = worstStep(group.steps ?? []);
  const values = { early: f.percent(group.early.share), after: f.percent(group.after_opening.share) };
  return (
    <>
      <Panel title={t('scripts.where', { group: group.label })} aside={<span className={css.soft}>{t('scripts.ended', { n: f.number(group.ended), of: f.number(group.calls) })}</span>}>
        <p className={css.verdict} data-state={states[verdictKey(group)]} data-testid="verdict">{t(`scripts.verdictLong.${verdictKey(group)}`, values)}{worst && <> {t('scripts.worst', { page: localText(worst.title) || worst.step, n: f.number(worst.refusals), share: f.percent(worst.refusals / worst.reached) })}</>}</p>
        <Steps group={group} />
      </Panel>
      <Panel title={t('scripts.byWay')}><Ways group={group} /></Panel>
    </>
  );
}

/** Where calls with this script end, and what was answered. */
export function ReportView({ data }: { data: Overview }) {
  const { t } = useTranslation();
  const f = useFormats();
  const campaigns = useCampaigns().data ?? [];
  const [by, setBy] = useState<By>('version');
  const [filter, setFilter] = useState<ReportFilter>({});
  const [key, setKey] = useState('');
  const drop = useDropoff(data.id, by, filter);
  const results = useResults(data.id, filter);
  const set = (c: Partial<ReportFilter>) => setFilter((now) => ({ ...now, ...c }));
  return (
    <div className={css.stack}>
      <Row gap={10} align="end">
        <Select size="xs" label={t('scripts.compareBy')} allowDeselect={false} value={by} onChange={(v) => v && setBy(v as By)} data={BY.map((value) => ({ value, label: t(`scripts.by_.${value}`) }))} data-testid="report-by" />
        <Select size="xs" clearable label={t('scripts.version')} placeholder={t('ui.all')} value={filter.version ? String(filter.version) : null} onChange={(v) => set({ version: v ? Number(v) : undefined })} data={data.versions.map((v) => ({ value: String(v.version), label: t('scripts.versionN', { n: v.version }) }))} />
        <Select size="xs" clearable searchable label={t('calls.campaign')} placeholder={t('ui.all')} value={filter.campaign_id ?? null} onChange={(v) => set({ campaign_id: v ?? undefined })} data={campaigns.map((c) => ({ value: c.id, label: c.name }))} />
        <TextInput size="xs" type="date" label={t('scripts.from')} value={filter.from ?? ''} onChange={(e) => set({ from: e.currentTarget.value || undefined })} />
        <TextInput size="xs" type="date" label={t('scripts.until')} value={filter.to ?? ''} onChange={(e) => set({ to: e.currentTarget.value || undefined })} />
        <span style={{ flex: 1 }} />
        <Anchor size="sm" href={answersURL(data.id, 'csv', filter)} download>{t('scripts.answersAs', { format: 'CSV' })}</Anchor>
        <Anchor size="sm" href={answersURL(data.id, 'xlsx', filter)} download>{t('scripts.answersAs', { format: 'Excel' })}</Anchor>
      </Row>
      <Load query={drop} empty={(d) => !d.groups?.length} whenEmpty={<Panel><Empty title={t('scripts.noCalls')} hint={t('scripts.noCallsHint')} /></Panel>}>
        {(d) => {
          const groups = d.groups!;
          const chosen = groups.find((g) => g.key === key) ?? groups[0]!;
          return (
            <>
              <Panel title={t(`scripts.by_.${by}`)} aside={<span className={css.soft}>{t('scripts.asOf', { when: f.dateTime(d.as_of) })}</span>} testid="compare"><Compare groups={groups} chosen={chosen.key} onChoose={setKey} /></Panel>
              <Details group={chosen} />
            </>
          );
        }}
      </Load>
      <Load query={results} rows={2} empty={(r) => !r.questions?.length} whenEmpty={null}>
        {(r) => <Panel title={t('scripts.results')} aside={<span className={css.soft}>{t('scripts.callsN', { n: f.number(r.calls) })}</span>}><div className={css.results} data-testid="results">{r.questions!.map((q) => <QuestionResults key={q.id} q={q} />)}</div></Panel>}
      </Load>
    </div>
  );
}

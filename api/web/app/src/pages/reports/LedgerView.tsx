import { Button, Group } from '@mantine/core';
import { IconFileZip } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { evidenceURL, ledgerURL, useLedgers, type Ask, type Ledger } from '../../api/reports';
import { useFormats } from '../../lib/format';
import { Files } from '../../ui/Files';
import { Plot } from '../../ui/Plot';
import { Empty, Load, Panel, StatePill } from '../../ui/ui';
import css from './reports.module.css';

function OneLedger({ l, ask }: { l: Ledger; ask: Ask }) {
  const { t } = useTranslation();
  const f = useFormats();
  const x = l.days.map((_, i) => i);
  const state = (w: Ledger['windows'][number]) => (w.room < 0 ? 'bad' : w.rate !== null && w.rate > l.cap * 0.8 ? 'warn' : 'good');
  return (
    <div className={css.ledger} data-testid="ledger">
      <h3>{l.name} <span className={css.note}>{t('reports.capIs', { cap: f.percent(l.cap), zone: l.zone })}</span></h3>
      <div className={css.windows}>
        {l.windows.map((w) => (
          <div key={w.span} className={css.window} data-over={w.room < 0 || undefined}>
            <b className="num">{w.rate === null ? '–' : f.percent(w.rate)}</b>
            <StatePill state={w.live === 0 ? 'plain' : state(w)}>{w.live === 0 ? t('reports.noLive') : t(`reports.ledger.${state(w)}`)}</StatePill>
            <p>{t(`reports.span.${w.span}`)}{w.enforced ? '' : ` · ${t('reports.watched')}`} · {t('reports.since', { day: f.day(Date.parse(w.start), l.zone) })}</p>
            <p className="num">{t('reports.liveAbandoned', { live: f.number(w.live), abandoned: f.number(w.abandoned) })}{w.amd_false > 0 && ` · ${t('reports.amdFalse', { n: f.number(w.amd_false) })}`}</p>
            <p className="num">{w.room < 0 ? t('reports.over', { n: f.number(-w.room) }) : t('reports.room', { n: f.number(w.room) })}</p>
          </div>
        ))}
      </div>
      {x.length > 1 && (
        <Plot title={t('reports.byDay')} x={x} xRange={[0, x.length - 1]} xSteps={[1, 2, 7, 14]} xText={(i) => l.days[i]?.day.slice(5) ?? ''} yText={(v) => f.percent(v)} least={l.cap * 1.6} height={130}
          lines={[{ name: t('reports.rate'), ink: 'main', values: l.days.map((d) => d.rate), points: true }, { name: t('reports.cap'), ink: 'cap', dash: true, values: x.map(() => l.cap) }]} />
      )}
      <Button component="a" href={evidenceURL(l.campaign_id, ask)} download size="compact-sm" variant="default" mt={6} leftSection={<IconFileZip size={15} />} data-testid="evidence">{t('reports.evidence', { from: ask.from, to: ask.to })}</Button>
    </div>
  );
}

/** Answers by people and abandoned calls, in all legal windows at once, and the pack for a regulator. */
export function LedgerView({ ask }: { ask: Ask }) {
  const { t } = useTranslation();
  const found = useLedgers(ask.campaigns);
  return (
    <Panel title={t('reports.abandonment')} aside={<Group gap={8}><span className={css.note}>{t('reports.abandonmentHint')}</span><Files url={(format) => ledgerURL(ask.campaigns, format)} testid="ledger" /></Group>} testid="ledgers">
      <Load query={found} rows={9} empty={(all) => all.length === 0} whenEmpty={<Empty title={t('reports.noCampaigns')} hint={t('reports.noCampaignsHint')} />}>
        {(all) => all.map((l) => <OneLedger key={l.campaign_id} l={l} ask={ask} />)}
      </Load>
    </Panel>
  );
}

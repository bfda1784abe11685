import { Alert, Text } from '@mantine/core';
import { IconInfoCircle, IconRouteOff } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { usePacing } from '../../api/queries';
import type { Campaign, PacingSample, PacingStatus } from '../../api/types';
import { codeName } from '../../i18n';
import { problemText } from '../../i18n/problem';
import { clock } from '../../lib/clock';
import { useFormats } from '../../lib/format';
import { Empty, Load, Panel, StatePill, TargetBar } from '../../ui/ui';
import { ChancesPanel } from './ChancesPanel';
import css from './pacing.module.css';
import { PacingPlots } from './PacingPlots';
import { gravity, whyOf } from './why';

function useOne() {
  const { i18n } = useTranslation();
  return useMemo(() => new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1, minimumFractionDigits: 1 }), [i18n.language]);
}

function Reason({ now, p }: { now: PacingSample; p: PacingStatus }) {
  const { t } = useTranslation();
  const f = useFormats();
  const one = useOne();
  const why = whyOf(now.limit);
  const words = {
    risk: f.percent(now.risk), allowed: f.percent(now.allowed), budget: f.number(now.budget), reserved: f.number(now.reserved), lines: f.number(p.max_lines), cap: f.percent(p.target),
  };
  return (
    <div className={css.reason} data-testid="pacing-reason" data-limit={now.limit}>
      <StatePill state={gravity(now.limit)}>{codeName('limit', now.limit)}</StatePill>
      <p>{why ? t(`pacing.why.${why}`, words) : codeName('limit', now.limit)}</p>
      {now.ahead > 0 && (now.talking + now.wrap_up + now.ready > 0) && (
        <p className={css.soft}>
          {t('pacing.forecast', { seconds: one.format(now.ahead), free: one.format(now.free), coming: one.format(now.coming) })}
          {p.forecasts > 0 && <> {t('pacing.errors', { free: one.format(p.error_free), coming: one.format(p.error_coming) })}</>}
        </p>
      )}
    </div>
  );
}

function Lines({ now }: { now: PacingSample }) {
  const { t } = useTranslation();
  const f = useFormats();
  return (
    <div className={css.lines}>
      <div className={`${css.big} num`} data-testid="pacing-lines">{f.number(now.in_flight)}</div>
      <div>{t('pacing.inFlight')}</div>
      <div className={css.soft}>{now.wanted > now.in_flight ? t('pacing.more', { n: f.number(now.wanted - now.in_flight) }) : t('pacing.noMore')}</div>
    </div>
  );
}

function Figures({ now, p }: { now: PacingSample; p: PacingStatus }) {
  const { t } = useTranslation();
  const f = useFormats();
  const over = p.mode === 'predictive' || p.mode === 'power';
  const rows = [
    [t('pacing.agents'), t('pacing.agentsNow', { ready: f.number(now.ready), talking: f.number(now.talking), wrapUp: f.number(now.wrap_up) })],
    [t('pacing.utilisation15'), f.percent(now.utilisation)],
    ...(over ? [[t('pacing.tokens'), t('pacing.tokensNow', { budget: f.number(now.budget), reserved: f.number(now.reserved) })]] : []),
    [t('pacing.way'), p.mode ? codeName('mode', p.mode) : ''],
  ] as const;
  return (
    <dl className={css.facts}>
      {rows.map(([k, v]) => <div key={k}><dt>{k}</dt><dd className="num">{v}</dd></div>)}
      {p.windows.map((w) => (
        <div key={w.span}>
          <dt>{codeName('window', w.span)}</dt>
          <dd>
            <TargetBar share={w.rate} target={p.target} />
            <Text size="xs" c="dimmed" className="num">{t('pacing.ofLive', { abandoned: f.number(w.abandoned), live: f.number(w.live) })}</Text>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Why so many lines now: the decision with its reason in words, and the last fifteen minutes. */
export function PacingView({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const f = useFormats();
  const query = usePacing(campaign.id);
  const running = campaign.status === 'running' || campaign.status === 'draining';
  return (
    <div className={css.page}>
      <Load query={query} empty={(p) => !p.here || !p.now} whenEmpty={(
        <Panel testid="pacing-empty">
          <Empty icon={<IconRouteOff size={36} stroke={1.4} aria-hidden />} title={t(running ? 'pacing.elsewhere' : 'pacing.idle')} hint={t(running ? 'pacing.elsewhereHint' : 'pacing.idleHint')} />
        </Panel>
      )}>
        {(p) => {
          const now = p.now!;
          const stale = (clock.now() - Date.parse(now.at)) / 1000 > 15;
          return (
            <div className={css.page} data-testid="pacing">
              {query.isError && <Alert color="red" variant="light" icon={<IconInfoCircle size={18} />} role="alert">{t('pacing.lost', { message: problemText(query.error) })}</Alert>}
              <Panel title={t('pacing.title')} aside={<Text size="xs" c="dimmed">{stale ? t('pacing.since', { time: f.time(Date.parse(now.at)) }) : t('pacing.live')}</Text>}>
                <div className={css.top}>
                  <Lines now={now} />
                  <Reason now={now} p={p} />
                  <Figures now={now} p={p} />
                </div>
              </Panel>
              <PacingPlots p={p} />
            </div>
          );
        }}
      </Load>
      <ChancesPanel campaign={campaign.id} />
    </div>
  );
}

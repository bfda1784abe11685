import { Text } from '@mantine/core';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { useSummary } from '../../api/queries';
import { OUTCOMES, type Campaign, type Summary } from '../../api/types';
import { codeName } from '../../i18n';
import { reasonName } from '../agent/names';
import { useFormats } from '../../lib/format';
import { ShareBar } from '../../ui/ShareBar';
import { Load, Panel, TargetBar } from '../../ui/ui';
import css from './campaigns.module.css';

function OutcomeBars({ s }: { s: Summary }) {
  const { t } = useTranslation();
  const f = useFormats();
  const counts = OUTCOMES.map((o) => ({ o, n: s.attempts_by_outcome?.[o] ?? 0 })).filter((x) => x.n > 0);
  const all = counts.reduce((a, x) => a + x.n, 0);
  const most = Math.max(1, ...counts.map((x) => x.n));
  if (all === 0) return <Text c="dimmed" size="sm" p="md">{t('campaigns.noAttempts')}</Text>;
  return (
    <div className={`${css.body} ${css.bars}`} data-testid="outcomes">
      {counts.map(({ o, n }) => (
        <Fragment key={o}>
          <span>{codeName('outcome', o)}</span>
          <span className={css.barTrack} data-state={o === 'connected' ? 'good' : o === 'abandoned' ? 'bad' : undefined}>
            <span style={{ width: `${(n / most) * 100}%` }} />
          </span>
          <b className="num" style={{ textAlign: 'right' }} data-outcome={o}>{f.number(n)}</b>
          <span className={`${css.share} num`}>{f.percent(n / all)}</span>
        </Fragment>
      ))}
    </div>
  );
}

interface ReasonsProps {
  title: string;
  counts: Record<string, number> | null;
  campaign: Campaign;
}

// A reason is an outcome, a rule, or a result of this campaign.
function Reasons({ title, counts, campaign }: ReasonsProps) {
  const f = useFormats();
  const list = Object.entries(counts ?? {}).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
  if (list.length === 0) return null;
  return (
    <Text size="sm" c="dimmed">
      <b>{title}</b> {list.map(([r, n]) => `${reasonName(r, campaign)} ${f.number(n)}`).join(' · ')}
    </Text>
  );
}

export function SummaryView({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const f = useFormats();
  const summary = useSummary(campaign.id);
  return (
    <Load query={summary}>
      {(s) => {
        const excluded = Object.values(s.excluded ?? {}).reduce((a, n) => a + n, 0);
        const why = [
          [t('campaigns.excludedWhy'), s.excluded], [t('campaigns.waitingFor'), s.waiting_for], [t('campaigns.finishedBy'), s.finished_by],
        ] as const;
        const figures = [['loaded', s.loaded], ['dialable', s.dialable], ['inFlight', s.in_flight], ['finished', s.finished], ['excluded', excluded]] as const;
        return (
          <div className={css.summary}>
            <div className={css.column}>
              <Panel title={t('campaigns.progress')} testid="summary-contacts">
                <div className={css.body}>
                  <dl className={css.figures}>
                    {figures.map(([k, n]) => <div key={k}><dt>{t(`lists.${k}`)}</dt><dd className="num" data-count={k}>{f.number(n)}</dd></div>)}
                  </dl>
                  <ShareBar of={{ loaded: s.loaded, finished: s.finished, in_flight: s.in_flight, excluded }} />
                  {why.map(([title, counts]) => <Reasons key={title} title={title} counts={counts} campaign={campaign} />)}
                </div>
              </Panel>
              <Panel title={t('campaigns.abandonRate')}>
                <div className={css.body}>
                  <dl className={css.figures}>
                    <div><dt>{t('campaigns.live')}</dt><dd className="num">{f.number(s.live)}</dd></div>
                    <div><dt>{codeName('outcome', 'abandoned')}</dt><dd className="num">{f.number(s.abandoned)}</dd></div>
                  </dl>
                  <TargetBar share={s.live > 0 ? s.abandoned / s.live : 0} target={campaign.settings.abandon_target} />
                  <Text size="xs" c="dimmed">{t('board.target', { value: f.percent(campaign.settings.abandon_target) })}</Text>
                </div>
              </Panel>
            </div>
            <Panel title={t('campaigns.attempts')}><OutcomeBars s={s} /></Panel>
          </div>
        );
      }}
    </Load>
  );
}

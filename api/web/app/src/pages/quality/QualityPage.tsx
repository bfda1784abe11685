import { Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import { useTrend } from '../../api/quality';
import { useUser } from '../../lib/session';
import { Load, Page, Panel } from '../../ui/ui';
import { CalibrationPage } from './CalibrationPage';
import { CalibrationsTab } from './Calibrations';
import { CardPage } from './CardPage';
import { CardsTab } from './Cards';
import { CoachingTab, Tasks } from './Coaching';
import { EvaluationPage } from './EvaluationPage';
import { Evaluations } from './Evaluations';
import css from './quality.module.css';
import { QueueTab } from './Queue';
import { ScorePage } from './ScorePage';
import { TrendTab, TrendView, useAgainst } from './Trend';

const TABS = ['queue', 'evaluations', 'scorecards', 'calibration', 'coaching', 'trend'] as const;

/** An agent's own scores, what he is to be coached about, and how he does over the weeks. */
function Mine() {
  const { t } = useTranslation();
  const trend = useTrend({ weeks: 12 });
  const against = useAgainst(trend.data);
  return (
    <Page title={t('quality.titlePage')}>
      <Evaluations own />
      <Tasks own />
      <Panel title={t('quality.tab.trend')} className={css.below}>
        <Load query={trend} rows={6} empty={(x) => x.n === 0} whenEmpty={<p className={css.note}>{t('quality.noTrend')}</p>}>{(x) => <TrendView x={x} name={t('quality.me')} against={against} />}</Load>
      </Panel>
    </Page>
  );
}

/** Quality: what is to be scored, what was, by which cards, how alike evaluators judge, whom to coach, and how it moves. */
export default function QualityPage({ tab, id }: { tab: string; id: string }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const attempt = new URLSearchParams(useSearch()).get('attempt') ?? '';
  const staff = useUser().role !== 'agent';
  if (tab === 'evaluations' && id) return <EvaluationPage key={id} id={id} />;
  if (!staff) return <Mine />;
  if (tab === 'score' && id) return <ScorePage key={id} attempt={id} />;
  if (tab === 'scorecards' && id) return <CardPage key={id} id={id} />;
  if (tab === 'calibration' && id) return <CalibrationPage key={id} id={id} />;
  const shown = TABS.find((x) => x === tab) ?? 'queue';
  return (
    <Page title={t('quality.titlePage')}>
      <Tabs value={shown} onChange={(v) => go(v === 'queue' ? '/quality' : `/quality/${v}`)} mb={10}>
        <Tabs.List>{TABS.map((v) => <Tabs.Tab key={v} value={v} data-testid={`quality-${v}`}>{t(`quality.tab.${v}`)}</Tabs.Tab>)}</Tabs.List>
      </Tabs>
      {shown === 'queue' && <QueueTab />}
      {shown === 'evaluations' && <Evaluations />}
      {shown === 'scorecards' && <CardsTab />}
      {shown === 'calibration' && <CalibrationsTab attempt={attempt} />}
      {shown === 'coaching' && <CoachingTab />}
      {shown === 'trend' && <TrendTab />}
    </Page>
  );
}

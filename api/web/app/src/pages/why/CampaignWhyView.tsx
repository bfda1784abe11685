import { Button, Table, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { Fragment, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { CampaignWhy, ZoneCount } from '../../api/law';
import { useCampaignWhy } from '../../api/lawQueries';
import type { Campaign } from '../../api/types';
import { codeName } from '../../i18n';
import { inTongue } from '../../lib/bilingual';
import { useFormats } from '../../lib/format';
import { Empty, Load, Panel, Scroll, StatePill } from '../../ui/ui';
import { reasonName } from '../agent/names';
import { addsUp, barsOf, tone, type Bar } from './histogram';
import css from './why.module.css';

function Verdict({ why }: { why: CampaignWhy }) {
  const { t } = useTranslation();
  const f = useFormats();
  const numbers = [['loaded', why.loaded], ['untouched', why.untouched], ['dueNow', why.due]] as const;
  return (
    <div className={css.verdict} data-testid="why-verdict" data-dialable={why.dialable} data-reason={why.reason}>
      <div>
        <StatePill state={why.dialable ? 'good' : 'warn'}>{t(why.dialable ? 'why.dialable' : 'why.dry')}</StatePill>
        {!why.dialable && <p>{inTongue(why.why, why.why_zh)}</p>}
        {!why.dialable && <p className={css.soft}>{why.next ? t('why.nextContact', { time: f.dateTime(why.next) }) : t('why.never')}</p>}
      </div>
      <dl className={css.facts}>
        {numbers.map(([k, n]) => <div key={k}><dt>{t(`why.${k}`)}</dt><dd className="num">{f.number(n)}</dd></div>)}
        <div><dt>{t('why.nextDue')}</dt><dd className={`${css.small} num`}>{why.next_due ? f.dateTime(why.next_due) : '–'}</dd></div>
      </dl>
    </div>
  );
}

function Histogram({ why, campaign }: { why: CampaignWhy; campaign: Campaign }) {
  const { t } = useTranslation();
  const f = useFormats();
  const bars = useMemo(() => barsOf(why.reasons), [why.reasons]);
  const name = (b: Bar) => (b.state === 'untouched' && b.reason === '' ? t('why.ready') : b.reason ? reasonName(b.reason, campaign) : codeName('placeState', b.state));
  return (
    <Panel title={t('why.histogram')} aside={<Text size="xs" c="dimmed">{t(why.estimated ? 'why.estimated' : 'why.exact')}</Text>}>
      <div className={css.bars} data-testid="why-bars">
        {bars.map((b) => (
          <Fragment key={`${b.state} ${b.reason}`}>
            <span className={css.name}>{name(b)}<small>{codeName('placeState', b.state)}{b.next && ` · ${t('why.opensAt', { time: f.dateTime(b.next) })}`}</small></span>
            <span className={css.track} data-state={tone(b)}><span style={{ width: `${b.length * 100}%` }} /></span>
            <b className={`num ${css.right}`} data-why={`${b.state}:${b.reason}`}>{f.number(b.contacts)}</b>
            <span className={`num ${css.right} ${css.soft}`}>{f.percent(b.share)}</span>
          </Fragment>
        ))}
      </div>
      <p className={css.note}>
        {addsUp(why) && t('why.sum', { loaded: f.number(why.loaded) })} {why.judged > 0 && why.judged < why.untouched && t('why.judgedHint', { n: f.number(why.judged) })}
      </p>
    </Panel>
  );
}

function Zones({ zones }: { zones: ZoneCount[] }) {
  const { t } = useTranslation();
  const f = useFormats();
  return (
    <Panel title={t('why.zones')} aside={zones.length >= 200 && <Text size="xs" c="dimmed">{t('why.more200')}</Text>}>
      {zones.length === 0 ? <Empty title={t('why.noZones')} /> : (
        <Scroll label={t('why.zones')}>
          <Table>
            <Table.Thead>
              <Table.Tr><Table.Th>{t('why.region')}</Table.Th><Table.Th>{t('why.zone')}</Table.Th><Table.Th ta="right">{t('why.contacts')}</Table.Th><Table.Th>{t('why.hours')}</Table.Th></Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {zones.map((z) => (
                <Table.Tr key={`${z.region} ${z.zones.join()}`} data-testid="why-zone" data-open={z.open}>
                  <Table.Td>{z.region || '–'}</Table.Td>
                  <Table.Td maw={340}><div className="truncate" title={z.zones.join(', ')}>{z.zones.join(', ') || t('ui.unknown')}</div></Table.Td>
                  <Table.Td ta="right" className="num">{f.number(z.contacts)}</Table.Td>
                  <Table.Td><StatePill state={z.open ? 'good' : 'plain'}>{z.open ? t('why.open') : z.next ? t('why.closedUntil', { time: f.dateTime(z.next) }) : t('why.closed')}</StatePill></Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Scroll>
      )}
    </Panel>
  );
}

/** Why a campaign dials or does not: the conclusion, where its contacts are for which reason, and the hours of their places. */
export function CampaignWhyView({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const f = useFormats();
  const query = useCampaignWhy(campaign.id);
  return (
    <Load query={query} empty={(w) => w.loaded === 0 && w.reasons.length === 0} whenEmpty={(
      <Panel testid="why-empty"><Empty title={t('why.empty')} hint={t('why.emptyHint')} action={<Link href="/lists">{t('nav.lists')}</Link>} /></Panel>
    )}>
      {(why) => (
        <div className={css.layout} data-testid="why-campaign">
          <Panel title={t('why.title')} aside={(
            <>
              <Text size="xs" c="dimmed">{t('why.at', { time: f.time(Date.parse(why.at)) })}</Text>
              <Button size="compact-xs" variant="default" leftSection={<IconRefresh size={13} />} loading={query.isFetching} onClick={() => void query.refetch()}>{t('why.again')}</Button>
            </>
          )}>
            <Verdict why={why} />
          </Panel>
          <Histogram why={why} campaign={campaign} />
          <Zones zones={why.zones} />
        </div>
      )}
    </Load>
  );
}

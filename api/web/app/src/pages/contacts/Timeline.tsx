import { Button, SegmentedControl, Switch, Text } from '@mantine/core';
import { IconCalendarTime, IconFileImport, IconPhoneCall, IconPhoneOff, IconPlayerPlay, IconSignature, IconSignatureOff } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { JourneyEvent } from '../../api/law';
import { useTimeline } from '../../api/lawQueries';
import type { Campaign } from '../../api/types';
import { clockText, phoneText, useFormats } from '../../lib/format';
import { may, useUser } from '../../lib/session';
import { Empty, Failed, OutcomePill, Panel, RowsSkeleton } from '../../ui/ui';
import { dispositionName } from '../agent/names';
import { Player } from '../calls/Player';
import { spans } from '../calls/spans';
import css from './contact.module.css';
import { keyOf, only, SHOWN, type Shown } from './journey';

interface ItemProps {
  e: JourneyEvent;
  /** The contact's first number: another one that was called is named. */
  phone: string;
  campaigns: Campaign[];
  play: (id: string) => void;
}

interface FrameProps {
  e: JourneyEvent;
  state?: string;
  testid: string;
  attempt?: string;
  icon?: ReactNode;
  children: ReactNode;
  below?: ReactNode;
}

function Frame({ e, state = 'plain', testid, attempt, icon, children, below }: FrameProps) {
  const { t } = useTranslation();
  const f = useFormats();
  return (
    <li className={css.item} data-state={state} data-testid={testid} data-attempt={attempt}>
      <div className={css.line}>
        {icon}
        <b>{f.dateTime(e.at)}</b>
        {children}
        {e.campaign && <Text span c="dimmed" size="sm" className={css.wrap}>{e.campaign}</Text>}
        {e.other && <Text span c="dimmed" size="xs">({t('journey.other')})</Text>}
      </div>
      {below && <div className={css.note}>{below}</div>}
    </li>
  );
}

function AttemptItem({ e, phone, campaigns, play }: ItemProps) {
  const { t } = useTranslation();
  const mayPlay = may(useUser(), 'play');
  const a = e.attempt!;
  const campaign = campaigns.find((c) => c.id === a.campaign_id);
  const s = spans(a);
  const below = a.disposition && <><b>{dispositionName(campaign?.settings?.dispositions, a.disposition)}</b>{a.note && ` – ${a.note}`}</>;
  return (
    <Frame e={e} testid="journey-attempt" attempt={a.id} state={a.outcome === 'connected' ? 'good' : 'plain'} below={below}>
      {a.outcome && <OutcomePill outcome={a.outcome} />}
      {s.talk !== null && <span className="num">{t('calls.talk')} {clockText(s.talk)}</span>}
      {a.phone !== phone && <span className="num">{phoneText(a.phone)}</span>}
      {a.agent_name && <span className={css.wrap}>{a.agent_name}</span>}
      {a.sip_code > 0 && <Text span c="dimmed" size="xs">{t('contact.sip', { code: a.sip_code })}</Text>}
      {a.recorded && mayPlay && (
        <Button size="compact-xs" variant="light" leftSection={<IconPlayerPlay size={13} />} onClick={() => play(a.id)} data-testid="play">{t('calls.play')}</Button>
      )}
    </Frame>
  );
}

function CallbackItem({ e }: { e: JourneyEvent }) {
  const { t } = useTranslation();
  const f = useFormats();
  const c = e.callback!;
  return (
    <Frame e={e} testid="journey-callback" state={c.state === 'open' ? 'warn' : 'plain'} icon={<IconCalendarTime size={16} aria-hidden />} below={c.note}>
      <span>{t('contact.callback')}</span>
      <span>{t('journey.dueAt', { time: f.dateTime(c.due_at) })}</span>
      <Text span c="dimmed" size="sm">{t(c.agent_id ? 'journey.oneAgent' : 'journey.anyone')} · {t(`contact.${c.state}`)}</Text>
    </Frame>
  );
}

function ConsentItem({ e }: { e: JourneyEvent }) {
  const { t } = useTranslation();
  const f = useFormats();
  const c = e.consent!;
  const gone = e.kind === 'withdrawn';
  return (
    <Frame e={e} testid={`journey-${e.kind}`} state={gone ? 'bad' : 'good'} icon={gone ? <IconSignatureOff size={16} aria-hidden /> : <IconSignature size={16} aria-hidden />}
      below={gone ? c.withdrawn_how : c.evidence && `${t('journey.evidence')}: ${c.evidence}`}>
      <span>{t(gone ? 'journey.withdrawn' : 'journey.consent')}</span>
      <span>{t('journey.for', { purpose: c.purpose })}</span>
      {!gone && c.until && <span>{t('journey.until', { date: f.dateTime(c.until) })}</span>}
      {c.source && <Text span c="dimmed" size="sm">{c.source}</Text>}
    </Frame>
  );
}

function Item(props: ItemProps) {
  const { t } = useTranslation();
  const f = useFormats();
  const { e } = props;
  if (e.kind === 'attempt' && e.attempt) return <AttemptItem {...props} />;
  if (e.kind === 'callback' && e.callback) return <CallbackItem e={e} />;
  if ((e.kind === 'consent' || e.kind === 'withdrawn') && e.consent) return <ConsentItem e={e} />;
  if (e.kind === 'open') return <Frame e={e} testid="journey-open" state="info" icon={<IconPhoneCall size={16} aria-hidden />}><span>{t('journey.open')}</span>{e.open && <span className="num">{phoneText(e.open.phone)}</span>}</Frame>;
  if (e.kind === 'dnc' && e.dnc) {
    return (
      <Frame e={e} testid="journey-dnc" state="bad" icon={<IconPhoneOff size={16} aria-hidden />} below={e.dnc.reason}>
        <span>{t('journey.dnc')}</span><span>{e.dnc.until ? t('journey.until', { date: f.dateTime(e.dnc.until) }) : t('dnc.forever')}</span>
      </Frame>
    );
  }
  return <Frame e={e} testid="journey-loaded" icon={<IconFileImport size={16} aria-hidden />}><span>{t(e.import_id ? 'journey.loadedFile' : 'journey.loaded')}</span></Frame>;
}

/** Everything that happened to a contact, newest first, a page at a time. */
export function Timeline({ id, phone, campaigns }: { id: string; phone: string; campaigns: Campaign[] }) {
  const { t } = useTranslation();
  const agent = useUser().role === 'agent';
  const [playing, setPlaying] = useState('');
  const [shown, setShown] = useState<Shown>('all');
  const [others, setOthers] = useState(false);
  const query = useTimeline(id, others);
  const all = query.data?.pages.flatMap((p) => p.events) ?? [];
  const events = only(all, shown);
  return (
    <div>
      {playing && <Player key={playing} id={playing} onClose={() => setPlaying('')} />}
      <Panel title={t('contact.journey')} aside={(
        <div className={css.chooser}>
          {!agent && <Switch size="xs" label={t('journey.others')} checked={others} onChange={(e) => setOthers(e.currentTarget.checked)} data-testid="journey-others" />}
          <SegmentedControl size="xs" value={shown} onChange={(v) => setShown(v as Shown)} data={SHOWN.map((value) => ({ value, label: t(`journey.${value}`) }))} aria-label={t('contact.journey')} data-testid="journey-shown" />
        </div>
      )}>
        {query.isPending && <RowsSkeleton />}
        {query.isError && !query.data && <Failed error={query.error} retry={() => void query.refetch()} />}
        {query.data && events.length === 0 && <Empty title={t(shown === 'all' ? 'contact.noAttempts' : 'journey.nothing')} />}
        {events.length > 0 && <ol className={css.list} data-testid="journey">{events.map((e) => <Item key={keyOf(e)} e={e} phone={phone} campaigns={campaigns} play={setPlaying} />)}</ol>}
        {query.hasNextPage && (
          <div className={css.older}><Button size="xs" variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()} data-testid="journey-older">{t('journey.older')}</Button></div>
        )}
        {query.data && !query.hasNextPage && all.length > 50 && <Text size="xs" c="dimmed" p="sm" ta="center">{t('journey.end')}</Text>}
      </Panel>
    </div>
  );
}

import { Button, Text } from '@mantine/core';
import { IconCalendarTime, IconPhoneOff, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAddDNC, useCampaigns, useJourney } from '../../api/queries';
import type { Campaign, Contact, Journey, Place } from '../../api/types';
import { codeName } from '../../i18n';
import { clock } from '../../lib/clock';
import { clockText, phoneText, useFormats } from '../../lib/format';
import { useMinute } from '../../lib/minute';
import { may, useUser } from '../../lib/session';
import { Confirm } from '../../ui/confirm';
import { toastOK, toastProblem } from '../../ui/toast';
import { Empty, Load, OutcomePill, Page, Panel, StatePill } from '../../ui/ui';
import { dispositionName, reasonName } from '../agent/names';
import { Player } from '../calls/Player';
import { spans } from '../calls/spans';
import css from './contact.module.css';
import { entries, type Entry } from './journey';

function Places({ places, campaigns }: { places: Place[]; campaigns: Campaign[] }) {
  const { t } = useTranslation();
  const f = useFormats();
  if (places.length === 0) return null;
  return (
    <Panel title={t('nav.campaigns')} testid="places">
      <ul className={css.places}>
        {places.map((p) => {
          const campaign = campaigns.find((c) => c.id === p.campaign_id);
          return (
            <li key={p.campaign_id}>
              <b>{campaign?.name ?? '…'}</b>
              <span>
                {codeName('placeState', p.state)}{p.reason && ` · ${reasonName(p.reason, campaign)}`}
                {p.due_at && ` · ${t('contact.due', { time: f.dateTime(p.due_at) })}`}
                {` · ${t('contact.tries', { n: p.attempts })}`}
              </span>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function Card({ contact, blocked }: { contact: Contact; blocked: boolean }) {
  const { t } = useTranslation();
  const f = useFormats();
  useMinute();
  const zones = contact.zones ?? [];
  return (
    <Panel className={css.card} testid="contact">
      <div className={`${css.phone} num`}>{phoneText(contact.phone)}</div>
      {blocked && <p className={css.blocked} data-testid="on-dnc"><StatePill state="bad">{t('contact.blocked')}</StatePill></p>}
      <dl>
        <div>
          <dt>{zones.length > 1 ? t('contact.zones') : t('lists.zone')}</dt>
          <dd>{zones.map((z) => <div key={z}>{z} <Text span c="dimmed" size="sm" className="num">{f.time(clock.now(), z)}</Text></div>)}</dd>
        </div>
        {Object.entries(contact.fields ?? {}).map(([k, v]) => <div key={k}><dt>{k}</dt><dd>{v}</dd></div>)}
      </dl>
    </Panel>
  );
}

interface ItemProps {
  entry: Entry;
  campaigns: Campaign[];
  play: (id: string) => void;
}

function AttemptItem({ entry, campaigns, play }: ItemProps & { entry: Extract<Entry, { kind: 'attempt' }> }) {
  const { t } = useTranslation();
  const f = useFormats();
  const a = entry.attempt;
  const campaign = campaigns.find((c) => c.id === a.campaign_id);
  const s = spans(a);
  const mayPlay = may(useUser(), 'play');
  return (
    <li className={css.item} data-state={a.outcome === 'connected' ? 'good' : 'plain'} data-testid="journey-attempt" data-attempt={a.id}>
      <div className={css.line}>
        <b>{f.dateTime(a.permit_at)}</b>
        {a.outcome && <OutcomePill outcome={a.outcome} />}
        {s.talk !== null && <span className="num">{t('calls.talk')} {clockText(s.talk)}</span>}
        {a.agent_name && <span>{a.agent_name}</span>}
        <Text span c="dimmed" size="sm">{campaign?.name}</Text>
        {a.sip_code > 0 && <Text span c="dimmed" size="xs">{t('contact.sip', { code: a.sip_code })}</Text>}
        {a.recorded && mayPlay && (
          <Button size="compact-xs" variant="light" leftSection={<IconPlayerPlay size={13} />} onClick={() => play(a.id)} data-testid="play">
            {t('calls.play')}
          </Button>
        )}
      </div>
      {a.disposition && (
        <div className={css.note}>
          <b>{dispositionName(campaign?.settings?.dispositions, a.disposition)}</b>{a.note && ` – ${a.note}`}
        </div>
      )}
    </li>
  );
}

function Item(props: ItemProps) {
  const { t } = useTranslation();
  const f = useFormats();
  const { entry } = props;
  if (entry.kind === 'attempt') return <AttemptItem {...props} entry={entry} />;
  const c = entry.callback;
  return (
    <li className={css.item} data-state={c.state === 'open' ? 'warn' : 'plain'} data-testid="journey-callback">
      <div className={css.line}>
        <IconCalendarTime size={16} aria-hidden />
        <b>{t('contact.callback')}</b>
        <span>{t('contact.due', { time: f.dateTime(c.due_at) })}</span>
        <Text span c="dimmed" size="sm">{t(`contact.${c.state}`)}</Text>
      </div>
      {c.note && <div className={css.note}>{c.note}</div>}
    </li>
  );
}

function Timeline({ journey, campaigns }: { journey: Journey; campaigns: Campaign[] }) {
  const { t } = useTranslation();
  const [playing, setPlaying] = useState('');
  const items = entries(journey);
  return (
    <div>
      {playing && <Player key={playing} id={playing} onClose={() => setPlaying('')} />}
      <Panel title={t('contact.journey')}>
        {items.length === 0 ? <Empty title={t('contact.noAttempts')} /> : (
          <ol className={css.list} data-testid="journey">
            {items.map((e) => (
              <Item key={e.kind === 'attempt' ? e.attempt.id : e.callback.id} entry={e} campaigns={campaigns} play={setPlaying} />
            ))}
          </ol>
        )}
      </Panel>
    </div>
  );
}

export default function ContactPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const user = useUser();
  const journey = useJourney(id);
  const campaigns = useCampaigns();
  const add = useAddDNC();
  const [asking, setAsking] = useState(false);
  const contact = journey.data?.contact;
  const mayBlock = user.role !== 'agent';
  const block = () => {
    if (!contact) return;
    add.mutate({ phone: contact.phone, reason: t('dnc.reasonDefault') }, {
      onSuccess: () => toastOK(t('contact.dncDone')),
      onError: toastProblem,
      onSettled: () => setAsking(false),
    });
  };
  return (
    <Page title={contact ? contact.name || phoneText(contact.phone) : t('contact.title')} actions={mayBlock && contact && (
      <Button variant="default" leftSection={<IconPhoneOff size={16} />} onClick={() => setAsking(true)} data-testid="add-dnc">{t('contact.addDNC')}</Button>
    )}>
      <Load query={journey}>
        {(j) => (
          <div className={css.layout}>
            <div className={css.side}>
              <Card contact={j.contact} blocked={j.dnc.length > 0} />
              <Places places={j.places} campaigns={campaigns.data ?? []} />
            </div>
            <Timeline journey={j} campaigns={campaigns.data ?? []} />
          </div>
        )}
      </Load>
      <Confirm opened={asking} danger title={t('contact.dncAsk', { phone: phoneText(contact?.phone ?? '') })} hint={t('dnc.emptyHint')}
        action={t('contact.addDNC')} busy={add.isPending} onConfirm={block} onClose={() => setAsking(false)} />
    </Page>
  );
}


import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Override } from '../../api/law';
import { useConsents, useOverrides, usePacks } from '../../api/lawQueries';
import { useLists } from '../../api/queries';
import type { Campaign, Contact, Place } from '../../api/types';
import { codeName } from '../../i18n';
import { clock } from '../../lib/clock';
import { phoneText, useFormats } from '../../lib/format';
import { useMinute } from '../../lib/minute';
import { may, useUser } from '../../lib/session';
import { Panel, StatePill } from '../../ui/ui';
import { reasonName } from '../agent/names';
import { inTongue } from '../../lib/bilingual';
import { consentState } from '../dnc/consent';
import { EndOverride, overrideTones } from '../dnc/Overrides';
import { overrideState, ruleOf } from '../dnc/overrides';
import css from './contact.module.css';
import { standings } from './journey';
import { Tags } from './Tags';

export function Card({ contact, blocked, tags }: { contact: Contact; blocked: boolean; tags: string[] }) {
  const { t } = useTranslation();
  const f = useFormats();
  useMinute();
  const agent = useUser().role === 'agent';
  const zones = contact.zones ?? [];
  return (
    <Panel className={css.card} testid="contact">
      <div className={`${css.phone} num`}>{phoneText(contact.phone)}</div>
      {blocked && <p className={css.blocked} data-testid="on-dnc"><StatePill state="bad">{t('contact.blocked')}</StatePill></p>}
      <dl>
        {!agent && <ListRow id={contact.list_id} />}
        {!agent && <div><dt>{t('steer.tags')}</dt><dd><Tags id={contact.id} tags={tags} /></dd></div>}
        <div>
          <dt>{zones.length > 1 ? t('contact.zones') : t('lists.zone')}</dt>
          <dd>{zones.map((z) => <div key={z}>{z} <Text span c="dimmed" size="sm" className="num">{f.time(clock.now(), z)}</Text></div>)}</dd>
        </div>
        {Object.entries(contact.fields ?? {}).map(([k, v]) => <div key={k}><dt>{k}</dt><dd>{v}</dd></div>)}
      </dl>
    </Panel>
  );
}

function ListRow({ id }: { id: string }) {
  const { t } = useTranslation();
  const lists = useLists();
  return <div><dt>{t('journey.list')}</dt><dd><Link href={`/lists/${id}`}>{lists.data?.find((l) => l.id === id)?.name ?? '…'}</Link></dd></div>;
}

export function Places({ contact, places, campaigns }: { contact: Contact; places: Place[]; campaigns: Campaign[] }) {
  const { t } = useTranslation();
  const f = useFormats();
  const agent = useUser().role === 'agent';
  const rows = standings(contact, places, campaigns);
  if (agent && rows.length === 0) return null;
  return (
    <Panel title={t('journey.places')} testid="places">
      {rows.length === 0 && <Text size="sm" c="dimmed" p="md">{t('journey.noPlaces')}</Text>}
      <ul className={css.places}>
        {rows.map(({ campaignID, campaign, place: p }) => (
          <li key={campaignID} data-testid="place" data-campaign={campaignID}>
            <b>{campaign?.name ?? '…'}</b>
            <span>
              {p ? codeName('placeState', p.state) : t('journey.untouched')}
              {p?.reason && ` · ${reasonName(p.reason, campaign)}`}
              {p?.due_at && ` · ${t('contact.due', { time: f.dateTime(p.due_at) })}`}
              {p && ` · ${t('contact.tries', { n: p.attempts })}`}
            </span>
            {!agent && <> <Link href={`/contacts/${contact.id}/why/${campaignID}`} data-testid="why-link" aria-label={`${t('journey.whyShort')} ${campaign?.name ?? ''}`}>{t('journey.whyShort')}</Link></>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** The consents for the contact's number; those of the person stand in the journey. */
export function Consents({ phone }: { phone: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const query = useConsents({ phone });
  const all = query.data?.pages.flat() ?? [];
  return (
    <Panel title={t('journey.consents')} testid="consents">
      {query.data && all.length === 0 && <Text size="sm" c="dimmed" p="md">{t('journey.noConsents')}</Text>}
      <ul className={css.places}>
        {all.map((c) => {
          const state = consentState(c, clock.now());
          return (
            <li key={c.id} data-testid="contact-consent" data-consent-state={state}>
              <b>{c.purpose}</b>
              <StatePill state={state === 'valid' ? 'good' : 'plain'}>{t(`consent.${state}`)}</StatePill>{' '}
              <span>{t('consent.given')} {f.dateTime(c.given_at)} · {c.until ? t('journey.until', { date: f.dateTime(c.until) }) : t('consent.forever')}</span>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

/** Rules that somebody has lifted for the number or the contact; most have none, and then there is no panel. */
export function Exceptions({ contact, campaigns }: { contact: Contact; campaigns: Campaign[] }) {
  const { t } = useTranslation();
  const f = useFormats();
  const manage = may(useUser(), 'manage');
  const packs = usePacks().data ?? [];
  const [ending, setEnding] = useState<Override | null>(null);
  const all = useOverrides({ contact_id: contact.id }).data?.pages.flat() ?? [];
  if (all.length === 0) return null;
  return (
    <Panel title={t('override.tab')} testid="exceptions">
      <ul className={css.places}>
        {all.map((o) => {
          const state = overrideState(o, clock.now());
          const rule = ruleOf(o.rule, packs, campaigns);
          return (
            <li key={o.id} data-testid="contact-override" data-override-state={state}>
              <b>{rule ? inTongue(rule.title, rule.title_zh) : o.rule}</b>
              <StatePill state={overrideTones[state]}>{t(`override.${state}`)}</StatePill>{' '}
              <span className={css.wrap}>{t('journey.until', { date: f.dateTime(o.ended_at ?? o.until) })} · {o.campaign_id ? (campaigns.find((c) => c.id === o.campaign_id)?.name ?? '…') : t('override.everywhere')} · {o.why}</span>
              {manage && state === 'valid' && <> <Button size="compact-xs" variant="default" onClick={() => setEnding(o)} aria-label={`${t('override.end')}: ${o.rule}`}>{t('override.end')}</Button></>}
            </li>
          );
        })}
      </ul>
      <EndOverride override={ending} onClose={() => setEnding(null)} />
    </Panel>
  );
}

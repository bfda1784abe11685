import type { EventKind, JourneyEvent } from '../../api/law';
import type { Campaign, Contact, Place } from '../../api/types';

/** What a reader may want to see alone. */
export const SHOWN = ['all', 'calls', 'agreed', 'lawful'] as const;
export type Shown = (typeof SHOWN)[number];

const KINDS: Record<Exclude<Shown, 'all'>, EventKind[]> = {
  calls: ['attempt', 'open'], agreed: ['callback'], lawful: ['consent', 'withdrawn', 'dnc'],
};

export function only(events: JourneyEvent[], shown: Shown): JourneyEvent[] {
  return shown === 'all' ? events : events.filter((e) => KINDS[shown].includes(e.kind));
}

/** One event's own name, for lists that grow while they are read. */
export function keyOf(e: JourneyEvent): string {
  const id = e.attempt?.id ?? e.open?.attempt_id ?? e.callback?.id ?? e.consent?.id ?? e.dnc?.id ?? '';
  return `${e.kind} ${id || e.at}`;
}

export interface Standing {
  campaign: Campaign | undefined;
  campaignID: string;
  place: Place | null;
}

/** The campaigns that know the contact, and those that have its list but did not come to it yet. */
export function standings(contact: Contact, places: Place[], campaigns: Campaign[]): Standing[] {
  const known: Standing[] = places.map((place) => ({ campaign: campaigns.find((c) => c.id === place.campaign_id), campaignID: place.campaign_id, place }));
  const others: Standing[] = campaigns
    .filter((c) => c.list_ids?.includes(contact.list_id) && !places.some((p) => p.campaign_id === c.id))
    .map((campaign) => ({ campaign, campaignID: campaign.id, place: null }));
  return [...known, ...others];
}

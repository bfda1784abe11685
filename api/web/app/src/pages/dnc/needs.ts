import type { Pack, Registry, Rule } from '../../api/law';
import type { Campaign } from '../../api/types';
import { ageState } from '../rules/words';

/** A rule of a pack, or of a campaign, that asks a registry. */
export interface NeedRule {
  rule: Rule;
  pack?: Pack;
}

/** What one registry is needed for, and what stands still while it is not there or too old. */
export interface Need {
  region: string;
  rules: NeedRule[];
  /** Running and paused campaigns whose packs or own rules ask it. */
  askedBy: Campaign[];
  /** Those that demand it themselves: without it nobody is called. */
  demandedBy: Campaign[];
  /** Days: the strictest of all that ask; null: nobody limits it. */
  limit: number | null;
  /** The youngest copy; undefined: there is no such registry. */
  registry: Registry | undefined;
  state: 'missing' | ReturnType<typeof ageState>;
  /** Until when it is young enough; null: unknown. */
  goodUntil: number | null;
  /** Campaigns that run and are held up now. */
  heldUp: Campaign[];
}

const DAY = 86_400_000;
const today = (now: number) => new Date(now).toISOString().slice(0, 10);

/** Whether a rule about registries holds for the campaign on this day. */
function holdsFor(rule: Rule, c: Campaign, now: number): boolean {
  const day = today(now);
  if ((rule.from && rule.from > day) || (rule.to && rule.to < day)) return false;
  return !rule.activities?.length || rule.activities.includes(c.settings?.activity || 'sales');
}

function youngest(registries: Registry[], region: string): Registry | undefined {
  const of = registries.filter((r) => r.region === region);
  return of.sort((a, b) => (Date.parse(b.as_of ?? '') || 0) - (Date.parse(a.as_of ?? '') || 0))[0];
}

const strictest = (days: number[]) => (days.length > 0 ? Math.min(...days) : null);
const ageDays = (r: Rule) => (r.max_age_seconds ? [Math.floor(r.max_age_seconds / 86_400)] : []);

function needOf(region: string, packs: Pack[], campaigns: Campaign[], registries: Registry[], now: number): Need {
  const ofPacks: NeedRule[] = packs.flatMap((pack) => pack.rules.filter((r) => r.kind === 'registry' && r.region === region).map((rule) => ({ pack, rule })));
  const own: NeedRule[] = [];
  const asks = (c: Campaign) => {
    const custom = (c.settings?.custom_rules ?? []).filter((r) => r.kind === 'registry' && r.region === region);
    own.push(...custom.map((rule) => ({ rule })));
    return custom.length > 0 || ofPacks.some(({ pack, rule }) => c.settings?.packs?.includes(pack!.id) && holdsFor(rule, c, now));
  };
  const askedBy = campaigns.filter(asks);
  const demands = campaigns.map((c) => ({ c, d: c.settings?.registries?.find((x) => x.region === region) })).filter((x) => x.d);
  const demandedBy = demands.map((x) => x.c);
  const limit = strictest([...[...ofPacks, ...own].flatMap(({ rule }) => ageDays(rule)), ...demands.map((x) => x.d!.max_age_days)]);
  const registry = youngest(registries, region);
  const state = registry ? ageState(registry, limit, now) : 'missing';
  const bad = state === 'missing' || state === 'never' || state === 'tooOld';
  const heldUp = bad ? campaigns.filter((c) => c.status === 'running' && (askedBy.includes(c) || demandedBy.includes(c))) : [];
  const goodUntil = registry?.as_of && limit !== null ? Date.parse(registry.as_of) + limit * DAY : null;
  return { region, rules: [...ofPacks, ...own], askedBy, demandedBy, limit, registry, state, goodUntil, heldUp };
}

/** All registries that some rule or campaign asks: those that hold calls up first, then those in use, then the rest. */
export function needsOf(packs: Pack[], campaigns: Campaign[], registries: Registry[], now: number): Need[] {
  const rules = [...packs.flatMap((p) => p.rules), ...campaigns.flatMap((c) => c.settings?.custom_rules ?? [])];
  const regions = new Set([
    ...rules.filter((r) => r.kind === 'registry' && r.region).map((r) => r.region!),
    ...campaigns.flatMap((c) => c.settings?.registries ?? []).map((d) => d.region),
  ]);
  const rank = (n: Need) => (n.heldUp.length > 0 ? 0 : n.askedBy.length + n.demandedBy.length > 0 ? 1 : 2);
  return [...regions].map((r) => needOf(r, packs, campaigns, registries, now)).sort((a, b) => rank(a) - rank(b) || (a.region < b.region ? -1 : 1));
}

/** What somebody wrote of an area as the server takes it, or "" when it is none: US-FL, +1212, 212. */
export function areaOf(text: string, region: string): string {
  const area = text.trim().toUpperCase();
  if (/^\+[1-9]\d{0,8}$/.test(area)) return area;
  if (/^\d{3}$/.test(area) && /^(US|CA)/.test(region)) return '+1' + area;
  return /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/.test(area) && (area === region || area.startsWith(region + '-')) ? area : '';
}

/** Areas that somebody typed or pasted together, each once; what is none stays as it was written, so that it can be mended. */
export function areasOf(typed: string[], region: string): string[] {
  return [...new Set(typed.flatMap((v) => v.split(/[\s,;，；、]+/)).filter(Boolean).map((v) => areaOf(v, region) || v))];
}

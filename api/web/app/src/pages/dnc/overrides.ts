import type { Override, Pack, Rule, RuleAnswer } from '../../api/law';
import type { Campaign } from '../../api/types';

export type OverrideState = 'valid' | 'ended' | 'over';

/** Whether an exception counts at a moment. */
export function overrideState(o: Pick<Override, 'until' | 'ended_at'>, now: number): OverrideState {
  if (o.ended_at) return 'ended';
  return Date.parse(o.until) <= now ? 'over' : 'valid';
}

/** Rules of one pack, or of one campaign, that can be lifted for somebody. */
export interface RuleGroup {
  pack?: Pack;
  campaign?: Campaign;
  rules: Rule[];
}

const liftable = (rules: Rule[] | undefined) => (rules ?? []).filter((r) => r.override && r.override.length > 0);

/** What can be lifted: rules of packs, and those that the chosen campaign made for itself. */
export function liftableRules(packs: Pack[], campaign: Campaign | undefined): RuleGroup[] {
  const groups: RuleGroup[] = packs.map((pack) => ({ pack, rules: liftable(pack.rules) }));
  if (campaign) groups.push({ campaign, rules: liftable(campaign.settings?.custom_rules) });
  return groups.filter((g) => g.rules.length > 0);
}

/** The rule of an id, in the packs or among the campaigns' own. */
export function ruleOf(id: string, packs: Pack[], campaigns: Campaign[]): Rule | undefined {
  for (const p of packs) {
    const found = p.rules.find((r) => r.id === id);
    if (found) return found;
  }
  return campaigns.flatMap((c) => c.settings?.custom_rules ?? []).find((r) => r.id === id);
}

/** The rule to lift so that what refuses the call does no more; "": nothing can be lifted. Being listed on a registry goes with its rule. */
export function liftFor(a: Pick<RuleAnswer, 'rule' | 'kind'>, packs: Pack[], campaign: Campaign): string {
  const rules = liftableRules(packs.filter((p) => campaign.settings?.packs?.includes(p.id)), campaign).flatMap((g) => g.rules);
  const wanted = a.rule === 'registry' ? rules.find((r) => r.kind === 'registry') : rules.find((r) => r.id === a.rule);
  return wanted?.id ?? '';
}

const DAY = 86_400_000;
const dayText = (at: number) => {
  const d = new Date(at);
  return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')}`;
};

/** The days that an exception may last to: tomorrow's end at the least, a year at the most; a month is offered. */
export function untilDays(now: number): { first: string; usual: string; last: string } {
  return { first: dayText(now), usual: dayText(now + 30 * DAY), last: dayText(now + 365 * DAY) };
}

export function untilAllowed(day: string, now: number): boolean {
  const { first, last } = untilDays(now);
  return /^\d{4}-\d\d-\d\d$/.test(day) && day >= first && day <= last;
}

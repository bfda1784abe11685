import type { Pack, Rule, RuleKind } from '../../api/law';
import { WEEKDAYS, type Week } from '../../api/types';

/** What a campaign may tighten by its own rules; other kinds have settings of their own. */
export const OWN_KINDS = ['hours', 'cap', 'pause', 'consent', 'registry'] as const satisfies readonly RuleKind[];
export type OwnKind = (typeof OWN_KINDS)[number];

/** Kinds of which somebody may be excepted; the others hold for everybody. */
export const LIFTABLE_KINDS: readonly RuleKind[] = ['hours', 'cap', 'pause', 'registry'];

const DAY = 86_400;
const everyDay = (from: string, to: string): Week => Object.fromEntries(WEEKDAYS.map((d) => [d, [[from, to]]])) as Week;

/** The parameters that a rule of a kind begins with; the server refuses those of other kinds. */
function parameters(kind: OwnKind): Partial<Rule> {
  switch (kind) {
    case 'hours':
      return { hours: everyDay('09:00', '18:00') };
    case 'cap':
      return { max: 3, window_seconds: 7 * DAY, scope: 'number' };
    case 'pause':
      return { after: 'conversation', days: 7 };
    case 'registry':
      return { region: 'US', max_age_seconds: 31 * DAY };
    case 'consent':
      return {};
  }
}

/** A name that no other rule has: own.cap, own.cap.2, … */
export function freeID(kind: string, taken: string[]): string {
  const base = `own.${kind}`;
  if (!taken.includes(base)) return base;
  for (let i = 2; ; i++) if (!taken.includes(`${base}.${i}`)) return `${base}.${i}`;
}

export function newRule(kind: OwnKind, title: string, rules: Rule[]): Rule {
  return { id: freeID(kind, rules.map((r) => r.id)), kind, title, title_zh: '', source: '', mark: '', verified: '', ...parameters(kind) };
}

/** The same rule as another kind: its places, its source and, where the kind has any, its grounds stay; its parameters are new. */
export function retype(rule: Rule, kind: OwnKind, title: string, rules: Rule[]): Rule {
  const others = rules.filter((r) => r !== rule);
  const grounds = LIFTABLE_KINDS.includes(kind) && rule.override?.length ? { override: rule.override } : {};
  return { ...newRule(kind, title, others), source: rule.source, ...(rule.where?.length ? { where: rule.where } : {}), ...grounds };
}

/** The days of an hours rule as one span on chosen days, where it is that; else null: a week of its own. */
export function oneSpan(week: Week | undefined): { days: string[]; from: string; to: string } | null {
  const open = WEEKDAYS.filter((d) => week?.[d]?.length);
  const spans = open.map((d) => week![d]!);
  const first = spans[0]?.[0];
  if (!first || spans.some((s) => s.length !== 1 || s[0]![0] !== first[0] || s[0]![1] !== first[1])) return null;
  return { days: open, from: first[0], to: first[1] };
}

export function weekFrom(days: string[], from: string, to: string): Week {
  return Object.fromEntries(WEEKDAYS.map((d) => [d, days.includes(d) ? [[from, to]] : []])) as Week;
}

/** The packs for the countries of a campaign's lists, as the server chooses for a campaign that says nothing. */
export function packsFor(regions: string[], packs: Pack[]): string[] {
  return packs.filter((p) => regions.length === 0 || regions.some((r) => p.covers.includes(r))).map((p) => p.id);
}

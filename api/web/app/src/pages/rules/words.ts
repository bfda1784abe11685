import type { TFunction } from 'i18next';
import type { Pack, Registry, RegistryDemand, Rule, RuleKind } from '../../api/law';
import { WEEKDAYS, type Week } from '../../api/types';
import { codeName } from '../../i18n';

/** Who keeps a rule: the dialer before each call, the pacing, or people. */
export function keeper(kind: RuleKind): 'checked' | 'watched' | 'people' {
  if (kind === 'abandonment') return 'watched';
  return kind === 'keep' || kind === 'conduct' ? 'people' : 'checked';
}

/** "7 days", "24 h", "5 years": seconds in the largest unit that fits without a rest. */
export function spanText(t: TFunction, seconds: number): string {
  const days = seconds / 86_400;
  if (days >= 365 && Math.abs(days / 365.25 - Math.round(days / 365.25)) < 0.01) return t('rules.years', { n: Math.round(days / 365.25) });
  if (Number.isInteger(days)) return t('rules.days', { n: days });
  if (seconds % 3600 === 0) return t('rules.hoursN', { n: seconds / 3600 });
  return t('rules.minutes', { n: Math.round(seconds / 60) });
}

/** Days with the same hours together: "Mon–Fri 09:00–20:00, Sat 10:00–18:00". */
export function weekText(t: TFunction, week: Week): string {
  const text = (spans: [string, string][] | undefined) => (spans ?? []).map(([a, b]) => `${a}–${b}`).join(' ');
  const runs: { from: number; to: number; hours: string }[] = [];
  WEEKDAYS.forEach((day, i) => {
    const hours = text(week[day]);
    const last = runs.at(-1);
    if (last && last.hours === hours) last.to = i;
    else runs.push({ from: i, to: i, hours });
  });
  return runs.map(({ from, to, hours }) => {
    const days = from === to ? t(`day.${WEEKDAYS[from]!}`) : `${t(`day.${WEEKDAYS[from]!}`)}–${t(`day.${WEEKDAYS[to]!}`)}`;
    return `${days} ${hours || t('rules.closedDay')}`;
  }).join(', ');
}

function pauseText(t: TFunction, r: Rule): string {
  const event = t(`rules.event.${r.after || 'refusal'}`);
  if (r.ever) return t('rules.say.pauseEver', { event });
  if (r.days) return t('rules.say.pauseDays', { n: r.days, event });
  return t('rules.say.pauseWindow', { window: spanText(t, r.window_seconds ?? 0), event });
}

/** What a rule's parameters say, in short sentences. */
export function paramsOf(t: TFunction, r: Rule, percent: (share: number) => string): string[] {
  const window = spanText(t, r.window_seconds ?? 0);
  switch (r.kind) {
    case 'hours':
      return [...(r.hours ? [weekText(t, r.hours)] : []), ...(r.holidays?.length ? [t('rules.say.holidays', { calendars: r.holidays.join(', ') })] : [])];
    case 'cap':
      return [t(r.scope === 'person' ? 'rules.say.capPerson' : 'rules.say.capNumber', { max: r.max, window })];
    case 'pause':
      return [pauseText(t, r), ...(r.unless ? [t('rules.say.unlessAgent')] : [])];
    case 'ring':
      return [t('rules.say.ring', { n: r.ring_seconds })];
    case 'consent':
      return [t('rules.say.consent')];
    case 'registry':
      return [t('rules.say.registry', { region: r.region, n: Math.round((r.max_age_seconds ?? 0) / 86_400) })];
    case 'caller_id':
      return [t('rules.say.callerID')];
    case 'abandonment':
      return [...(r.share ? [t('rules.say.share', { share: percent(r.share), block: codeName('window', r.block || 'day') })] : []), ...(r.within_seconds ? [t('rules.say.within', { n: r.within_seconds })] : [])];
    case 'keep':
      return [t('rules.say.keep', { window })];
    case 'conduct':
      return [t('rules.say.conduct')];
  }
}

export interface RuleFilter {
  text: string;
  kind: string;
  activity: string;
}

/** The rules that fit a reader's filter; words are looked for in both languages. */
export function pick(rules: Rule[], f: RuleFilter): Rule[] {
  const words = f.text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return rules.filter((r) => {
    if (f.kind && r.kind !== f.kind) return false;
    if (f.activity && r.activities?.length && !r.activities.includes(f.activity as never)) return false;
    const text = [r.id, r.title, r.title_zh, r.source, ...(r.where ?? [])].join(' ').toLowerCase();
    return words.every((w) => text.includes(w));
  });
}

/** Whole days since a moment; never negative. */
export function daysSince(iso: string | null | undefined, now: number): number | null {
  const at = Date.parse(iso ?? '');
  return Number.isFinite(at) ? Math.max(0, Math.floor((now - at) / 86_400_000)) : null;
}

/** How many days old a region's registry may be by the strictest rule or campaign that asks it; null: nobody limits it. */
export function ageLimit(region: string, packs: Pack[], demands: RegistryDemand[]): number | null {
  const days = [
    ...packs.flatMap((p) => p.rules).filter((r) => r.kind === 'registry' && r.region === region && r.max_age_seconds).map((r) => Math.floor(r.max_age_seconds! / 86_400)),
    ...demands.filter((d) => d.region === region).map((d) => d.max_age_days),
  ];
  return days.length ? Math.min(...days) : null;
}

/** Whether a registry can still be asked: it is too old from the moment its age passes the limit. */
export function ageState(r: Pick<Registry, 'as_of'>, limit: number | null, now: number): 'never' | 'tooOld' | 'soon' | 'fresh' | 'noLimit' {
  const at = Date.parse(r.as_of ?? '');
  if (!Number.isFinite(at)) return 'never';
  if (limit === null) return 'noLimit';
  const days = (now - at) / 86_400_000;
  if (days > limit) return 'tooOld';
  return days > limit * 0.8 ? 'soon' : 'fresh';
}

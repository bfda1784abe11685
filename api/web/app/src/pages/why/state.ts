import type { ContactWhy, RuleAnswer } from '../../api/law';
import type { Campaign } from '../../api/types';
import { codeName } from '../../i18n';
import { reasonName } from '../agent/names';

/** Where the contact stands in words: the server's sentence names the code of the reason only. */
export function standing(why: Pick<ContactWhy, 'state' | 'reason'>, campaign: Campaign | undefined): string {
  const state = codeName('placeState', why.state);
  return why.reason ? `${state} · ${reasonName(why.reason, campaign)}` : state;
}

/** The answers with the contact's place in words. */
export function inWords(why: ContactWhy, campaign: Campaign | undefined): RuleAnswer[] {
  if (why.state === 'untouched') return why.answers;
  const text = standing(why, campaign);
  return why.answers.map((a) => (a.rule === 'state' ? { ...a, why: text, why_zh: text } : a));
}

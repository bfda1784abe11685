import type { Consent } from '../../api/law';

export type ConsentState = 'valid' | 'ended' | 'withdrawn' | 'later';

/** Whether a consent counts at a moment. */
export function consentState(c: Pick<Consent, 'given_at' | 'until' | 'withdrawn_at'>, now: number): ConsentState {
  if (c.withdrawn_at) return 'withdrawn';
  if (Date.parse(c.given_at) > now) return 'later';
  return c.until && Date.parse(c.until) <= now ? 'ended' : 'valid';
}

/** What people write between the digits of a number goes. */
export function plainPhone(text: string): string {
  return text.replace(/[\s().-]/g, '');
}

export function isPhone(text: string): boolean {
  return /^\+[1-9][0-9]{5,14}$/.test(plainPhone(text));
}

/** A search field takes a number's beginning, or else a person's key. */
export function isNumberLike(text: string): boolean {
  return /^\+?\d[\d\s().-]*$/.test(text.trim());
}

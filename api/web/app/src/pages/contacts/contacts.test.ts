import { describe, expect, it } from 'vitest';
import type { JourneyEvent } from '../../api/law';
import type { Campaign, Contact, Place } from '../../api/types';
import { consentState, isNumberLike, isPhone, plainPhone } from '../dnc/consent';
import { keyOf, only, standings } from './journey';
import { nextRow, tooShort } from './search';

describe('search', () => {
  it('asks for three digits of a number and for anything of a name', () => {
    expect(['1', '+8', '0-1'].map(tooShort)).toEqual([true, true, true]);
    expect(['', '138', '+86 1', 'Li', '王', 'city=1', '7a'].map(tooShort)).toEqual([false, false, false, false, false, false, false]);
  });
  it('moves through rows and back into the field', () => {
    expect(nextRow(3, -1, 'ArrowDown')).toBe(0);
    expect(nextRow(3, 2, 'ArrowDown')).toBe(2);
    expect(nextRow(3, 0, 'ArrowUp')).toBe(-1);
    expect(nextRow(3, 0, 'End')).toBe(2);
    expect(nextRow(0, -1, 'ArrowDown')).toBe(-1);
  });
});

describe('journey', () => {
  const event = (kind: JourneyEvent['kind'], at: string, more: Partial<JourneyEvent> = {}): JourneyEvent => ({ kind, at, other: false, campaign: '', ...more });
  it('shows one kind alone', () => {
    const all = [event('attempt', '3'), event('consent', '2'), event('withdrawn', '2'), event('callback', '1'), event('loaded', '0'), event('dnc', '0'), event('open', '4')];
    expect(only(all, 'calls').map((e) => e.kind)).toEqual(['attempt', 'open']);
    expect(only(all, 'lawful').map((e) => e.kind)).toEqual(['consent', 'withdrawn', 'dnc']);
    expect(only(all, 'agreed')).toHaveLength(1);
    expect(only(all, 'all')).toHaveLength(7);
  });
  it('tells a consent from its withdrawal', () => {
    const consent = { id: 'k' } as JourneyEvent['consent'];
    expect(keyOf(event('consent', '1', { consent }))).not.toBe(keyOf(event('withdrawn', '2', { consent })));
    expect(keyOf(event('loaded', '0'))).toBe('loaded 0');
  });
  it('names campaigns that have the list but did not come to the contact', () => {
    const contact = { id: 'c', list_id: 'l' } as Contact;
    const campaigns = [{ id: 'a', list_ids: ['l'] }, { id: 'b', list_ids: ['l'] }, { id: 'x', list_ids: ['other'] }] as Campaign[];
    const rows = standings(contact, [{ campaign_id: 'b', state: 'waiting' }, { campaign_id: 'gone', state: 'finished' }] as Place[], campaigns);
    expect(rows.map((r) => [r.campaignID, r.place?.state ?? ''])).toEqual([['b', 'waiting'], ['gone', 'finished'], ['a', '']]);
  });
});

describe('consents and numbers', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  it('count until their end, not at it', () => {
    const at = (until: string | null, withdrawn: string | null = null, given = '2026-01-01T00:00:00Z') => consentState({ given_at: given, until, withdrawn_at: withdrawn }, now);
    expect(at(null)).toBe('valid');
    expect(at('2026-11-22T12:00:01Z')).toBe('valid');
    expect(at('2026-11-22T12:00:00Z')).toBe('ended');
    expect(at(null, '2026-02-01T00:00:00Z')).toBe('withdrawn');
    expect(at(null, null, '2026-12-01T00:00:00Z')).toBe('later');
  });
  it('are read as people write them', () => {
    expect(plainPhone('+1 (206) 555-01.00')).toBe('+12065550100');
    expect(isPhone('+1 206 555 0100')).toBe(true);
    expect(isPhone('206 555 0100')).toBe(false);
    expect(['+1 206', '138', 'customer-1', '48211-a'].map(isNumberLike)).toEqual([true, true, false, false]);
  });
});

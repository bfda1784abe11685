import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keepLanguage, resumeLanguage, unsavedLanguage } from './language';

const put = vi.hoisted(() => vi.fn());
vi.mock('./http', () => ({ put }));

/** Requests on their way, oldest first. */
let onTheWay: { language: string; answer: (ok: boolean) => Promise<void> }[] = [];

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => kept.set(k, v), removeItem: (k: string) => kept.delete(k) });
  onTheWay = [];
  put.mockImplementation((_: string, body: { language: string }) => new Promise((ok, fail) => {
    onTheWay.push({ language: body.language, answer: async (good) => {
      if (good) ok(undefined);
      else fail(new Error('away'));
      await new Promise((r) => setTimeout(r));
    } });
  }));
});
afterEach(() => vi.unstubAllGlobals());

describe('a choice of language', () => {
  it('is sent after the one before it has arrived', async () => {
    keepLanguage('ann', 'zh-CN');
    keepLanguage('ann', 'en');
    expect(onTheWay.map((r) => r.language)).toEqual(['zh-CN']);
    await onTheWay[0]!.answer(true);
    expect(onTheWay.map((r) => r.language)).toEqual(['zh-CN', 'en']);
    expect(unsavedLanguage('ann')).toBe('en');
    await onTheWay[1]!.answer(true);
    expect(unsavedLanguage('ann')).toBeNull();
  });
  it('outlives a server that is away, for its own user only', async () => {
    keepLanguage('ann', 'zh-CN');
    await onTheWay[0]!.answer(false);
    expect(unsavedLanguage('ann')).toBe('zh-CN');
    expect(unsavedLanguage('bob')).toBeNull();
    resumeLanguage('bob', 'en');
    expect(onTheWay).toHaveLength(1);
    resumeLanguage('ann', 'en');
    await onTheWay[1]!.answer(true);
    expect(unsavedLanguage('ann')).toBeNull();
  });
});

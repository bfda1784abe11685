import { describe, expect, it } from 'vitest';
import { digitsOf, moneyText, toMinor } from './sales';

describe('money', () => {
  it('is kept in smallest units, whatever the currency has behind its point', () => {
    expect([digitsOf('EUR'), digitsOf('JPY'), digitsOf('KWD'), digitsOf('no')]).toEqual([2, 0, 3, 2]);
    expect(toMinor(1299.9, 'EUR')).toBe(129990);
    expect(toMinor(0.29, 'USD')).toBe(29);
    expect(toMinor(1500, 'JPY')).toBe(1500);
    expect(moneyText('en', 129990, 'EUR')).toBe('€1,299.90');
    expect(moneyText('zh-CN', 129990, 'CNY')).toBe('¥1,299.90');
    expect(moneyText('en', 1500, 'JPY')).toBe('¥1,500');
  });
});

import { describe, expect, it } from 'vitest';
import { Owner } from './owner';

// The browser's locks, for one name: a queue, and stealing.
function fakeLocks() {
  let holder: { reject: (e: Error) => void } | null = null;
  const queue: (() => void)[] = [];
  const grant = (f: (l: Lock | null) => unknown, resolve: (v: unknown) => void, reject: (e: Error) => void) => {
    const me = { reject };
    holder = me;
    Promise.resolve().then(() => f({ name: 'x', mode: 'exclusive' } as Lock)).then((v) => {
      if (holder === me) {
        holder = null;
        queue.shift()?.();
      }
      resolve(v);
    }, reject);
  };
  const request = (_: string, a: unknown, b?: unknown) => new Promise((resolve, reject) => {
    const f = (b ?? a) as (l: Lock | null) => unknown;
    const o = (b ? a : {}) as LockOptions;
    if (o.steal) {
      holder?.reject(new Error('stolen'));
      return grant(f, resolve, reject);
    }
    if (!holder) return grant(f, resolve, reject);
    if (o.ifAvailable) return resolve(f(null));
    queue.push(() => grant(f, resolve, reject));
  });
  return { request } as unknown as Pick<LockManager, 'request'>;
}

const settle = () => new Promise((r) => setTimeout(r, 0));

describe('one tab has the phone', () => {
  it('the first gets it, the second waits and inherits', async () => {
    const locks = fakeLocks();
    const seen: string[] = [];
    const a = new Owner('p', (m) => seen.push('a' + m), locks);
    const b = new Owner('p', (m) => seen.push('b' + m), locks);
    a.start();
    await settle();
    b.start();
    await settle();
    expect(seen).toEqual(['atrue', 'bfalse']);
    a.stop();
    await settle();
    expect(seen).toEqual(['atrue', 'bfalse', 'btrue']);
  });

  it('the second may take it over; the first may take it back', async () => {
    const locks = fakeLocks();
    const seen: string[] = [];
    const a = new Owner('p', (m) => seen.push('a' + m), locks);
    const b = new Owner('p', (m) => seen.push('b' + m), locks);
    a.start();
    await settle();
    b.start();
    await settle();
    b.take();
    await settle();
    expect(seen.slice(0, 2)).toEqual(['atrue', 'bfalse']);
    expect(seen.slice(2).sort()).toEqual(['afalse', 'btrue']);
    a.take();
    await settle();
    expect(seen.slice(4).sort()).toEqual(['atrue', 'bfalse']);
  });

  it('a tab that is gone hears nothing more', async () => {
    const locks = fakeLocks();
    const seen: boolean[] = [];
    const a = new Owner('p', (m) => seen.push(m), locks);
    a.start();
    a.stop();
    await settle();
    expect(seen.filter(Boolean)).toEqual([]);
  });
});

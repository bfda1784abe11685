import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StreamClient, type Socket } from './client';
import { Outbox, type Ack, type Command, type Keeper } from './outbox';

class FakeSocket implements Socket {
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  sent: Record<string, unknown>[] = [];
  closed = false;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  says(message: unknown) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  of(type: string) {
    return this.sent.filter((m) => m.type === type);
  }
}

class Memory implements Keeper {
  kept: Command[] = [];
  read() {
    return structuredClone(this.kept);
  }
  put(c: Command) {
    this.kept.push(structuredClone(c));
  }
  drop(id: string) {
    this.kept = this.kept.filter((c) => c.id !== id);
  }
}

let sockets: FakeSocket[];
const last = () => sockets.at(-1)!;

function client(keeper: Keeper = new Memory(), orphan?: (c: Command, a: Ack) => void) {
  let n = 0;
  const c = new StreamClient({
    outbox: new Outbox(keeper, orphan), newID: () => `id-${++n}`, backoff: () => 1000, ackTimeout: 5000, again: 500,
    connect: () => {
      sockets.push(new FakeSocket());
      return last();
    },
  });
  c.start();
  return c;
}

beforeEach(() => {
  sockets = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

const snapshot = (seq: number, items: object, epoch = 'e1') => ({ type: 'snapshot', topic: 'board', epoch, seq, items });
const delta = (prev: number, set: object, del: string[] = [], epoch = 'e1') => ({ type: 'delta', topic: 'board', epoch, seq: prev + 1, prev_seq: prev, set, del });

async function board() {
  const c = client();
  c.use('board');
  last().onopen?.();
  await Promise.resolve();
  last().says(snapshot(7, { a: 1, b: 2 }));
  return c;
}

describe('topics', () => {
  it('follows deltas and tells only the keys that changed', async () => {
    const c = await board();
    const store = c.topic('board');
    const a = vi.fn();
    const b = vi.fn();
    store.onKey('a', a);
    store.onKey('b', b);
    last().says(delta(7, { a: 5 }, ['b']));
    last().says(delta(8, { a: 6 }));
    expect([...store.entries()]).toEqual([['a', 6]]);
    expect(a).toHaveBeenCalledTimes(2);
    expect(b).toHaveBeenCalledTimes(1);
    expect(last().of('hello')).toHaveLength(1);
  });

  it('asks for the whole once when a delta does not follow on, and ignores the rest until it comes', async () => {
    const c = await board();
    last().says(delta(9, { a: 100 }));
    last().says(delta(10, { a: 101 }));
    expect(c.topic('board').get('a')).toBe(1);
    expect(last().of('hello').slice(1)).toEqual([{ type: 'hello', topics: [{ topic: 'board' }] }]);
    last().says(snapshot(11, { a: 101 }));
    last().says(delta(11, { a: 102 }));
    expect(c.topic('board').get('a')).toBe(102);
  });

  it('takes a delta of another epoch for a gap', async () => {
    const c = await board();
    last().says(delta(7, { a: 9 }, [], 'e2'));
    expect(c.topic('board').get('a')).toBe(1);
    expect(last().of('hello')).toHaveLength(2);
  });

  it('resumes where it stood after a reconnect and keeps what it has', async () => {
    const c = await board();
    last().says(delta(7, { a: 3 }));
    last().onclose?.();
    expect(c.connection()).toBe('lost');
    expect(c.topic('board').get('a')).toBe(3);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sockets).toHaveLength(2);
    last().onopen?.();
    expect(last().sent[0]).toEqual({ type: 'hello', topics: [{ topic: 'board', epoch: 'e1', seq: 8 }] });
    last().says(delta(8, { a: 4 }));
    expect(c.topic('board').get('a')).toBe(4);
  });

  it('asks in one hello for what several parts of a page need, and not again for what it has', async () => {
    const c = await board();
    c.use('imports');
    const leave = c.use('agent:1');
    c.use('board');
    await Promise.resolve();
    expect(last().of('hello')[1]).toEqual({ type: 'hello', topics: [{ topic: 'imports' }, { topic: 'agent:1' }] });
    leave();
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(1000);
    last().onopen?.();
    expect((last().sent[0]!.topics as { topic: string }[]).map((t) => t.topic)).toEqual(['board', 'imports']);
  });
});

describe('commands', () => {
  it('sends a command again, under its id and in order, until it is acknowledged', async () => {
    const c = client();
    const first = c.command('ready', {});
    const second = c.command('not_ready', { reason: 'break' });
    last().onopen?.();
    expect(last().of('command').map((m) => m.id)).toEqual(['id-1', 'id-2']);
    last().says({ type: 'ack', id: 'id-1', ok: true });
    await expect(first).resolves.toMatchObject({ ok: true });
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(1000);
    last().onopen?.();
    expect(last().of('command')).toEqual([{ type: 'command', id: 'id-2', name: 'not_ready', data: { reason: 'break' } }]);
    last().says({ type: 'ack', id: 'id-2', ok: false, error: { code: 'call_over', message: '' } });
    await expect(second).resolves.toMatchObject({ ok: false });
  });

  it('keeps a durable command over a reload and says how it ended', async () => {
    const keeper = new Memory();
    const before = client(keeper);
    last().onopen?.();
    const { id } = before.durable('dispose', { attempt_id: 'x', code: 'sale' });
    before.command('ready', {});
    before.stop();
    const orphan = vi.fn();
    client(keeper, orphan);
    last().onopen?.();
    expect(last().of('command')).toEqual([{ type: 'command', id, name: 'dispose', data: { attempt_id: 'x', code: 'sale' } }]);
    last().says({ type: 'ack', id, ok: true });
    expect(orphan).toHaveBeenCalledOnce();
    expect(keeper.kept).toEqual([]);
  });

  it('lets the page that comes after a reload wait for the stored command', async () => {
    const keeper = new Memory();
    keeper.kept = [{ id: 'old', name: 'dispose', data: {} }];
    const orphan = vi.fn();
    const c = client(keeper, orphan);
    const done = c.attach('old');
    expect(c.attach('nothing')).toBeNull();
    last().onopen?.();
    last().says({ type: 'ack', id: 'old', ok: true });
    await expect(done).resolves.toMatchObject({ ok: true });
    expect(orphan).not.toHaveBeenCalled();
  });

  it('gives a durable command again when the server could not take it now', async () => {
    const keeper = new Memory();
    const c = client(keeper);
    last().onopen?.();
    const { id, done } = c.durable('dispose', {});
    last().says({ type: 'ack', id, ok: false, error: { code: 'try_again', message: '' } });
    expect(keeper.kept).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(500);
    expect(last().of('command')).toHaveLength(2);
    last().says({ type: 'ack', id, ok: true });
    await expect(done).resolves.toMatchObject({ ok: true });
    expect(keeper.kept).toEqual([]);
  });

  it('takes a connection without an answer for dead', async () => {
    const c = client();
    last().onopen?.();
    void c.command('hangup', {});
    await vi.advanceTimersByTimeAsync(5000);
    expect(sockets[0]!.closed).toBe(true);
    expect(c.connection()).toBe('lost');
    await vi.advanceTimersByTimeAsync(1000);
    last().onopen?.();
    expect(last().of('command')).toHaveLength(1);
  });
});

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
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

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
    expect(last().sent[0]).toEqual({ type: 'hello', topics: [{ topic: 'board', epoch: 'e1', seq: 8 }], ping: true });
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

  it('pings no server that did not say that it answers: an older one would close the connection', async () => {
    const c = client();
    last().onopen?.();
    expect(last().of('hello')).toEqual([{ type: 'hello', topics: [], ping: true }]);
    last().says(snapshot(1, {}));
    await vi.advanceTimersByTimeAsync(60_000);
    c.retryNow();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(last().of('ping')).toEqual([]);
    expect(c.connection()).toBe('open');
  });

  it('takes a connection without a sign of life for dead, and keeps one that gives them', async () => {
    const c = client();
    last().onopen?.();
    last().says({ type: 'pong' });
    await vi.advanceTimersByTimeAsync(4000);
    expect(last().of('ping')).toHaveLength(1);
    last().says({ type: 'pong' });
    await vi.advanceTimersByTimeAsync(4000);
    last().says(snapshot(1, {}));
    await vi.advanceTimersByTimeAsync(4000);
    expect(c.connection()).toBe('open');
    await vi.advanceTimersByTimeAsync(4000);
    expect(c.connection()).toBe('lost');
    expect(sockets[0]!.closed).toBe(true);
  });

  it('does not wait for a connection that does not open', async () => {
    client();
    await vi.advanceTimersByTimeAsync(9000); // nobody knows yet how slow the network is
    last().onopen?.();
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(1000 + 9990);
    expect(sockets).toHaveLength(2);
    last().onopen?.();
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(1000 + 10_000);
    expect(last().closed).toBe(true);
    const quick = client();
    await vi.advanceTimersByTimeAsync(50);
    last().onopen?.();
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(1000 + 1500);
    expect(last().closed).toBe(true);
    quick.stop();
  });

  it('asks for a sign of life at once when the network is said to be back', async () => {
    const c = client();
    last().onopen?.();
    last().says({ type: 'pong' });
    c.retryNow();
    last().says({ type: 'pong' });
    await vi.advanceTimersByTimeAsync(1300);
    expect(c.connection()).toBe('open');
    c.retryNow();
    await vi.advanceTimersByTimeAsync(1300);
    expect(c.connection()).toBe('lost');
    await vi.advanceTimersByTimeAsync(1000);
    c.retryNow(); // one that hangs is given up for a new one
    expect(sockets).toHaveLength(3);
    expect(sockets[1]!.closed).toBe(true);
  });
});

// The network swallows everything for a minute, and nobody says that it is back: at every moment of the page's waiting it is back in.
describe('a minute without Wi-Fi', () => {
  for (const [extra, chance] of [0, 300, 600, 900, 1200, 1500, 1800, 2100, 2400].flatMap((ms) => [[ms, 0], [ms, 0.999]] as const)) {
    it(`ends with the same screen within two seconds, after 60 s and ${extra} ms, with pauses that are ${chance ? 'long' : 'short'}`, async () => {
      vi.spyOn(Math, 'random').mockReturnValue(chance);
      let up = true;
      const keeper = new Memory();
      const got: unknown[] = [];
      const disposed: string[] = [];
      // A server on the far side, for as long as the network is up. TCP repeats its request for a connection after one second and after three.
      const connect = () => {
        const s = new FakeSocket();
        sockets.push(s);
        const open = () => up && !s.closed && s.onopen && s.onopen();
        for (const at of [20, 1020, 3020]) setTimeout(() => s.sent.length === 0 && open(), at);
        s.send = (text: string) => {
          const m = JSON.parse(text) as Record<string, unknown>;
          s.sent.push(m);
          if (!up) return;
          const answer = m.type === 'hello' ? [{ type: 'pong' }, snapshot(9, { screen: 'WrapUp' })] : m.type === 'ping' ? [{ type: 'pong' }] : [{ type: 'ack', id: m.id, ok: true }];
          if (m.type === 'command') disposed.push(m.id as string);
          setTimeout(() => up && answer.forEach((a) => s.says(a)), 20);
        };
        return s;
      };
      let n = 0;
      const c = new StreamClient({ outbox: new Outbox(keeper), newID: () => `id-${++n}`, connect });
      c.start();
      c.use('board');
      await vi.advanceTimersByTimeAsync(5000);
      expect(c.connection()).toBe('open');
      up = false;
      await vi.advanceTimersByTimeAsync(20_000);
      expect(c.connection()).toBe('lost');
      c.topic('board').reset({ screen: 'Talking' });
      c.topic('board').onKey('screen', () => got.push(c.topic('board').get('screen')));
      c.durable('dispose', { code: 'sale' });
      await vi.advanceTimersByTimeAsync(40_000 + extra);
      up = true;
      await vi.advanceTimersByTimeAsync(2000);
      expect(c.connection()).toBe('open');
      expect(got).toEqual(['WrapUp']);
      expect(disposed).toEqual(['id-1']);
      expect(keeper.kept).toEqual([]);
      c.stop();
    });
  }
});

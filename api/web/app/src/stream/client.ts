import { Outbox, type Ack, type Command } from './outbox';
import { TopicStore } from './store';

export type Connection = 'connecting' | 'open' | 'lost';

/** The part of WebSocket that is used, so that tests can stand in for it. */
export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((e: { data: string }) => void) | null;
  onclose: (() => void) | null;
}

export interface Options {
  connect: () => Socket;
  outbox: Outbox;
  newID: () => string;
  /** Milliseconds until the next try; attempt counts from 0. */
  backoff?: (attempt: number) => number;
  /** Milliseconds without an acknowledgement after which the connection is taken for dead. */
  ackTimeout?: number;
  /** Milliseconds between two signs of life that are asked for; a connection that gives none until the next is dead. */
  beat?: number;
  /** Milliseconds in which a sign of life must come when the network is back. */
  patience?: number;
  /** Milliseconds in which a connection must open; took is how long the one before did, 0: there was none. */
  openWithin?: (took: number) => number;
  /** Milliseconds until a durable command that the server could not take now is given again. */
  again?: number;
}

type Message =
  | { type: 'snapshot'; topic: string; epoch: string | number; seq: number; items: Record<string, unknown> | null }
  | {
      type: 'delta'; topic: string; epoch: string | number; seq: number; prev_seq: number;
      set?: Record<string, unknown> | null; del?: string[] | null;
    }
  | { type: 'error'; topic: string; code: string; message: string }
  | { type: 'pong' }
  | ({ type: 'ack' } & Ack);

// Quick tries, with jitter so that a restarted server is not met by everybody at once. Nothing tells a page that a network is back whose
// cable was never out: the longest pause is what an agent waits then.
export function defaultBackoff(attempt: number): number {
  return Math.min(400 * 2 ** attempt, 1200) * (0.6 + 0.4 * Math.random());
}

// A request for a connection that was lost on its way is repeated after ever longer pauses: a new one is quicker. On a slow network it
// gets the time that it has needed before.
export function defaultOpenWithin(took: number): number {
  return took === 0 ? 10_000 : Math.min(Math.max(1500, 4 * took), 10_000);
}

/**
 * One socket to the server that keeps topics in step. Each topic remembers epoch and sequence; after a reconnect the server
 * resends only what was missed. A delta that does not follow on makes the client say hello again, and the server answers
 * with a whole snapshot. Commands stay in the outbox until acknowledged.
 */
export class StreamClient {
  private socket: Socket | null = null;
  private ready = false;
  private closed = false;
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private topics = new Map<string, { store: TopicStore; users: number; joined: boolean; asked: boolean }>();
  private state: Connection = 'connecting';
  private listeners = new Set<() => void>();
  private helloQueued = false;
  private opening: ReturnType<typeof setTimeout> | undefined;
  private beating: ReturnType<typeof setInterval> | undefined;
  private took = 0; // milliseconds until the last connection was open
  private unanswered = false; // a sign of life was asked for, and nothing has come since
  private pings = false; // the server answers pings; one that is older than they are closes the connection at the first

  constructor(private readonly o: Options) {}

  start(): void {
    this.closed = false;
    this.open();
  }

  stop(): void {
    this.closed = true;
    clearTimeout(this.retry);
    this.rest();
    this.socket?.close();
    this.socket = null;
    this.ready = false;
  }

  /**
   * Tries at once instead of waiting for the next turn: the network is back, or the user asked. A connection that looks open may be
   * one of the network before: it must give a sign of life.
   */
  retryNow = (): void => {
    if (this.closed) return;
    if (this.ready) return this.probe();
    const hanging = this.socket;
    this.socket = null;
    hanging?.close();
    this.rest();
    clearTimeout(this.retry);
    this.attempt = 0;
    this.open();
  };

  connection = (): Connection => this.state;

  onConnection = (f: () => void): (() => void) => {
    this.listeners.add(f);
    return () => this.listeners.delete(f);
  };

  topic(name: string): TopicStore {
    return this.entry(name).store;
  }

  /**
   * Holds a topic as long as somebody uses it. The server goes on with it until the connection ends; the next one asks only
   * for what is still used.
   */
  use(name: string): () => void {
    const entry = this.entry(name);
    entry.users++;
    if (!entry.joined) this.queueHello();
    return () => {
      entry.users--;
    };
  }

  /** Sends a command now or after the next reconnect; the promise waits for the server's word. */
  command(name: string, data: unknown): Promise<Ack> {
    return this.give({ id: this.o.newID(), name, data }, false);
  }

  /** As command, but it survives a reload. The id can be given to attach later. */
  durable(name: string, data: unknown): { id: string; done: Promise<Ack> } {
    const id = this.o.newID();
    return { id, done: this.give({ id, name, data }, true) };
  }

  attach(id: string): Promise<Ack> | null {
    return this.o.outbox.attach(id);
  }

  private give(command: Command, durable: boolean): Promise<Ack> {
    const done = this.o.outbox.add(command, durable);
    if (this.ready) this.sendCommand(command);
    return done;
  }

  private entry(name: string) {
    let entry = this.topics.get(name);
    if (!entry) {
      entry = { store: new TopicStore(), users: 0, joined: false, asked: false };
      this.topics.set(name, entry);
    }
    return entry;
  }

  private open(): void {
    const socket = this.o.connect();
    this.socket = socket;
    this.opening = setTimeout(() => this.drop(socket), (this.o.openWithin ?? defaultOpenWithin)(this.took));
    const began = Date.now();
    socket.onopen = () => {
      if (this.socket !== socket) return;
      this.took = Math.max(1, Date.now() - began);
      this.rest();
      this.pings = false;
      this.beating = setInterval(() => (this.unanswered ? this.drop(socket) : this.ping()), this.o.beat ?? 4000);
      this.ready = true;
      this.attempt = 0;
      this.setState('open');
      for (const e of this.topics.values()) e.joined = e.asked = false;
      this.join(true);
      for (const c of this.o.outbox.pending()) this.sendCommand(c);
    };
    socket.onmessage = (e) => {
      if (this.socket !== socket) return;
      this.unanswered = false;
      this.receive(e.data);
    };
    socket.onclose = () => this.lost(socket);
  }

  private lost(socket: Socket): void {
    if (this.socket !== socket) return;
    this.rest();
    this.socket = null;
    this.ready = false;
    if (this.closed) return;
    this.setState('lost');
    const wait = (this.o.backoff ?? defaultBackoff)(this.attempt++);
    this.retry = setTimeout(() => this.open(), wait);
  }

  private drop(socket: Socket): void {
    this.lost(socket);
    socket.close();
  }

  private rest(): void {
    clearTimeout(this.opening);
    clearInterval(this.beating);
    this.unanswered = false;
  }

  private ping(): void {
    if (!this.pings) return;
    this.unanswered = true;
    this.send({ type: 'ping' });
  }

  private probe(): void {
    const socket = this.socket;
    this.ping();
    setTimeout(() => {
      if (socket && this.socket === socket && this.unanswered) this.drop(socket);
    }, this.o.patience ?? 1200);
  }

  private receive(text: string): void {
    let m: Message;
    try {
      m = JSON.parse(text) as Message;
    } catch {
      return;
    }
    if (m.type === 'pong') this.pings = true;
    else if (m.type === 'ack') this.takeAck(m);
    else if (m.type === 'snapshot') this.takeSnapshot(m);
    else if (m.type === 'delta') this.takeDelta(m);
  }

  // "Try again" changed nothing: a result that must not be lost is given again, under the same id.
  private takeAck(ack: Ack): void {
    const again = !ack.ok && (ack.error?.code === 'try_again' || ack.error?.code === 'busy');
    const command = this.o.outbox.durable(ack.id);
    if (!again || !command) return this.o.outbox.settle(ack);
    setTimeout(() => {
      if (this.ready && this.o.outbox.waits(command.id)) this.sendCommand(command);
    }, this.o.again ?? 2000);
  }

  private takeSnapshot(m: Extract<Message, { type: 'snapshot' }>): void {
    const entry = this.topics.get(m.topic);
    if (!entry) return;
    entry.asked = false;
    entry.store.position = { epoch: m.epoch, seq: m.seq };
    entry.store.reset(m.items ?? {});
  }

  private takeDelta(m: Extract<Message, { type: 'delta' }>): void {
    const entry = this.topics.get(m.topic);
    if (!entry) return;
    const { epoch, seq } = entry.store.position;
    if (m.epoch !== epoch || m.prev_seq !== seq) {
      // Out of step. Ask once for the whole; what comes before it is of no use.
      entry.store.position = {};
      if (!entry.asked) {
        entry.asked = true;
        this.send({ type: 'hello', topics: [{ topic: m.topic }] });
      }
      return;
    }
    entry.store.position = { epoch, seq: m.seq };
    entry.store.change(m.set ?? {}, m.del ?? []);
  }

  // Several components mount in one turn: one hello tells of them all.
  private queueHello(): void {
    if (this.helloQueued) return;
    this.helloQueued = true;
    queueMicrotask(() => {
      this.helloQueued = false;
      this.join();
    });
  }

  // Asks for the topics in use that this connection does not have yet, from where their tables stand; the first time also whether the
  // server answers pings.
  private join(first = false): void {
    if (!this.ready) return;
    const fresh = [...this.topics].filter(([, e]) => e.users > 0 && !e.joined);
    if (fresh.length === 0 && !first) return;
    for (const [, e] of fresh) e.joined = true;
    const topics = fresh.map(([topic, e]) => ({ topic, ...e.store.position }));
    this.send({ type: 'hello', topics, ...(first ? { ping: true } : {}) });
  }

  // A dead network closes no socket: a command without an answer shows it, too.
  private sendCommand(c: Command): void {
    this.send({ type: 'command', ...c });
    const socket = this.socket;
    setTimeout(() => {
      if (socket && this.socket === socket && this.o.outbox.waits(c.id)) this.drop(socket);
    }, this.o.ackTimeout ?? 8000);
  }

  private send(message: unknown): void {
    this.socket?.send(JSON.stringify(message));
  }

  private setState(s: Connection): void {
    this.state = s;
    this.listeners.forEach((f) => f());
  }
}

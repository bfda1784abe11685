import { keys, load, save } from '../lib/storage';

export interface Command {
  id: string;
  name: string;
  data: unknown;
}

export interface Ack {
  id: string;
  ok: boolean;
  error?: { code: string; message: string; field?: string; next?: string } | null;
  data?: unknown;
}

interface Entry {
  command: Command;
  durable: boolean;
  settle: (ack: Ack) => void;
}

export interface Keeper {
  /** In the order in which they were put. */
  read(): Command[];
  put(command: Command): void;
  drop(id: string): void;
}

/** Keeps durable commands in localStorage, per user; one key each, so that two open pages do not overwrite one another's. */
export function localKeeper(userID: string): Keeper {
  const prefix = `dialtide.outbox.${userID}.`;
  return {
    read: () =>
      keys(prefix).map((key) => load<Command & { at: number }>(key)).filter((c) => c !== null)
        .sort((a, b) => a.at - b.at).map(({ id, name, data }) => ({ id, name, data })),
    put: (command) => save(prefix + command.id, { ...command, at: Date.now() }),
    drop: (id) => save(prefix + id, null),
  };
}

/**
 * Commands that the server has not acknowledged. The server answers a repeated id with the first reply, so each may be
 * sent again after every reconnect until its acknowledgement arrives. Durable ones also survive a reload of the page.
 */
export class Outbox {
  private entries = new Map<string, Entry>();

  constructor(
    private readonly keeper: Keeper,
    private readonly orphanSettled: (command: Command, ack: Ack) => void = () => {},
  ) {
    for (const command of keeper.read()) {
      this.entries.set(command.id, {
        command, durable: true, settle: (ack) => this.orphanSettled(command, ack),
      });
    }
  }

  add(command: Command, durable: boolean): Promise<Ack> {
    return new Promise((resolve) => {
      this.entries.set(command.id, { command, durable, settle: resolve });
      if (durable) this.keeper.put(command);
    });
  }

  settle(ack: Ack): void {
    const entry = this.entries.get(ack.id);
    if (!entry) return;
    this.entries.delete(ack.id);
    if (entry.durable) this.keeper.drop(ack.id);
    entry.settle(ack);
  }

  /** Hears of a command's acknowledgement instead of whoever did so far; null when nothing waits under this id. */
  attach(id: string): Promise<Ack> | null {
    const entry = this.entries.get(id);
    if (!entry) return null;
    return new Promise((resolve) => {
      entry.settle = resolve;
    });
  }

  /** The durable command that waits under this id. */
  durable(id: string): Command | null {
    const entry = this.entries.get(id);
    return entry?.durable ? entry.command : null;
  }

  waits(id: string): boolean {
    return this.entries.has(id);
  }

  /** In the order in which they were given. */
  pending(): Command[] {
    return [...this.entries.values()].map((e) => e.command);
  }
}

import { load, save } from '../lib/storage';

export interface Command {
  id: string;
  name: string;
  data: unknown;
}

export interface Ack {
  id: string;
  ok: boolean;
  error?: { code: string; message: string } | null;
  data?: unknown;
}

interface Entry {
  command: Command;
  durable: boolean;
  settle: (ack: Ack) => void;
}

export interface Keeper {
  read(): Command[];
  write(commands: Command[]): void;
}

/** Keeps durable commands in localStorage, per user. */
export function localKeeper(userID: string): Keeper {
  const key = 'dialtide.outbox.' + userID;
  return {
    read: () => load<Command[]>(key) ?? [],
    write: (commands) => save(key, commands.length ? commands : null),
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
      if (durable) this.persist();
    });
  }

  settle(ack: Ack): void {
    const entry = this.entries.get(ack.id);
    if (!entry) return;
    this.entries.delete(ack.id);
    if (entry.durable) this.persist();
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

  private persist(): void {
    this.keeper.write([...this.entries.values()].filter((e) => e.durable).map((e) => e.command));
  }
}

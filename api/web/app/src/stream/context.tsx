import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { checkSession } from '../api/http';
import { onTick } from '../lib/clock';
import { StreamClient, type Connection, type Socket } from './client';
import { localKeeper, Outbox, type Ack, type Command } from './outbox';

const Context = createContext<StreamClient | null>(null);

function openSocket(): Socket {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocket(`${scheme}//${location.host}/api/stream`) as unknown as Socket;
}

// randomUUID exists only in secure contexts; a call center's intranet may be plain HTTP.
export function newID(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6]! & 0x0f) | 0x40;
  b[8] = (b[8]! & 0x3f) | 0x80;
  const hex = [...b].map((x) => x.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

interface Props {
  userID: string;
  onOrphan?: (command: Command, ack: Ack) => void;
  children: ReactNode;
}

/** Holds the one stream of the signed-in user. onOrphan hears of stored commands that an earlier page had sent. */
export function StreamProvider({ userID, onOrphan, children }: Props) {
  const orphan = useRef(onOrphan);
  orphan.current = onOrphan;
  const client = useMemo(() => {
    const outbox = new Outbox(localKeeper(userID), (c, a) => orphan.current?.(c, a));
    return new StreamClient({ connect: openSocket, outbox, newID });
  }, [userID]);
  useEffect(() => {
    client.start();
    window.addEventListener('online', client.retryNow);
    // A page that lies behind others sleeps, and may have slept through the loss.
    const seen = () => document.visibilityState === 'visible' && client.retryNow();
    document.addEventListener('visibilitychange', seen);
    // A session that has ended looks like a lost connection from here.
    const watch = client.onConnection(() => client.connection() === 'lost' && void checkSession());
    return () => {
      watch();
      window.removeEventListener('online', client.retryNow);
      document.removeEventListener('visibilitychange', seen);
      client.stop();
    };
  }, [client]);
  return <Context value={client}>{children}</Context>;
}

export function useStream(): StreamClient {
  const client = useContext(Context);
  if (!client) throw new Error('StreamProvider is missing');
  return client;
}

export function useConnection(): Connection {
  const client = useStream();
  return useSyncExternalStore(client.onConnection, client.connection);
}

export function useTopic(name: string): void {
  const client = useStream();
  useEffect(() => client.use(name), [client, name]);
}

/** One value of a topic; the topic must be held by useTopic somewhere above. */
export function useItem<T>(topic: string, key: string): T | undefined {
  const store = useStream().topic(topic);
  const subscribe = useCallback((f: () => void) => store.onKey(key, f), [store, key]);
  return useSyncExternalStore(subscribe, () => store.get(key)) as T | undefined;
}

export function useLoaded(topic: string): boolean {
  const store = useStream().topic(topic);
  return useSyncExternalStore(store.onLoaded, () => store.loaded);
}

/** All values below a prefix, refreshed at most once a second: for sorting, filtering and sums. */
export function useItems<T>(topic: string, prefix: string): [string, T][] {
  const store = useStream().topic(topic);
  const [version, setVersion] = useState(-1);
  useEffect(() => {
    const refresh = () => setVersion(store.getVersion());
    refresh();
    // A whole new table shows at once, changes wait for the tick.
    const whole = store.onLoaded(refresh);
    const tick = onTick(refresh);
    return () => {
      whole();
      tick();
    };
  }, [store]);
  return useMemo(() => {
    void version;
    return [...store.entries()].filter(([k]) => k.startsWith(prefix)) as [string, T][];
  }, [store, prefix, version]);
}

/** Reads all values below a prefix whenever it is called, without drawing anything anew when they change. */
export function useReader<T>(topic: string, prefix: string): () => T[] {
  const store = useStream().topic(topic);
  return useCallback(() => [...store.entries()].filter(([k]) => k.startsWith(prefix)).map(([, v]) => v as T), [store, prefix]);
}

/** All values below a prefix, refreshed at once when one of them changes, but at most every so many milliseconds: for the few rows that are watched closely. */
export function useFresh<T>(topic: string, prefix: string, pause = 100): [string, T][] {
  const store = useStream().topic(topic);
  const [version, setVersion] = useState(-1);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const refresh = () => {
      timer = undefined;
      last = performance.now();
      setVersion(store.getVersion());
    };
    refresh();
    const stop = store.onAny((keys) => {
      if (timer !== undefined || !keys.some((k) => k.startsWith(prefix))) return;
      timer = setTimeout(refresh, Math.max(0, last + pause - performance.now()));
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [store, prefix, pause]);
  return useMemo(() => {
    void version;
    return [...store.entries()].filter(([k]) => k.startsWith(prefix)) as [string, T][];
  }, [store, prefix, version]);
}

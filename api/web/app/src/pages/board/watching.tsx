import { createContext, useContext, useMemo, useState, type ReactNode } from 'react';
import { useChangeWatch, useEndWatch, useStartWatch, type Watch, type WatchMode } from '../../api/watch';
import { useUser } from '../../lib/session';
import { useItem, useItems, useTopic } from '../../stream/context';
import { toastProblem } from '../../ui/toast';

interface Watching {
  /** What my phone is beside; null: nothing. */
  watch: Watch | null;
  /** The agent for whom something is asked just now; "stop" while the phone is being hung up. */
  busy: string;
  act: (agent: string, mode: WatchMode) => void;
  stop: () => void;
}

const Context = createContext<Watching>({ watch: null, busy: '', act: () => {}, stop: () => {} });
export const useWatching = () => useContext(Context);

/** One phone, one watch: begun, changed and ended from whatever page its supervisor is on. The server says how it stands. */
export function WatchProvider({ children }: { children: ReactNode }) {
  const topic = 'watch:' + useUser().id;
  useTopic(topic);
  const watch = useItem<Watch>(topic, 'watch') ?? null;
  const [busy, setBusy] = useState('');
  const begin = useStartWatch().mutateAsync;
  const change = useChangeWatch().mutateAsync;
  const end = useEndWatch().mutateAsync;
  const value = useMemo<Watching>(() => {
    const during = async (what: string, work: () => Promise<unknown>) => {
      setBusy(what);
      try {
        await work();
      } catch (e) {
        toastProblem(e);
      }
      setBusy('');
    };
    return {
      watch, busy,
      act: (agent, mode) => void during(agent, () => (watch ? change({ id: watch.id, agent_id: agent, mode }) : begin({ agent_id: agent, mode }))),
      stop: () => watch && void during('stop', () => end(watch.id)),
    };
  }, [watch, busy, begin, change, end]);
  return <Context value={value}>{children}</Context>;
}

const Others = createContext<ReadonlyMap<string, Watch[]>>(new Map());

/** Knows which other supervisors are beside whom; for the board, which has their rows. */
export function WatchersProvider({ children }: { children: ReactNode }) {
  const me = useUser().id;
  const all = useItems<Watch>('board', 'watch/');
  const text = JSON.stringify(all); // rows of agents must not be drawn anew each second
  const map = useMemo(() => {
    const m = new Map<string, Watch[]>();
    for (const [, w] of JSON.parse(text) as [string, Watch][]) {
      if (w.supervisor_id !== me) m.set(w.agent_id, [...(m.get(w.agent_id) ?? []), w]);
    }
    return m;
  }, [text, me]);
  return <Others value={map}>{children}</Others>;
}

const none: Watch[] = [];
export const useOthers = (agent: string): Watch[] => useContext(Others).get(agent) ?? none;

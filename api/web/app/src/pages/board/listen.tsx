import { Button } from '@mantine/core';
import { IconEar } from '@tabler/icons-react';
import { createContext, useContext, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useListen, useStopListen } from '../../api/queries';
import type { BoardAgent } from '../../api/types';
import { useItem } from '../../stream/context';
import { toastProblem } from '../../ui/toast';
import css from './board.module.css';

interface Listening {
  /** The agent listened to, "" when none. */
  agent: string;
  busy: string;
  start: (agent: string) => void;
  stop: () => void;
}

const Context = createContext<Listening>({ agent: '', busy: '', start: () => {}, stop: () => {} });
export const useListening = () => useContext(Context);

/** At most one listen at a time: the supervisor has one phone. */
export function ListenProvider({ children }: { children: ReactNode }) {
  const [current, setCurrent] = useState<{ id: string; agent: string } | null>(null);
  const [busy, setBusy] = useState('');
  const listen = useListen();
  const end = useStopListen();
  const value = useMemo<Listening>(() => {
    const stop = async () => {
      if (!current) return;
      try {
        await end.mutateAsync(current.id);
      } catch (e) {
        toastProblem(e);
      }
      setCurrent(null);
    };
    const start = async (agent: string) => {
      setBusy(agent);
      try {
        if (current) await end.mutateAsync(current.id).catch(() => undefined);
        const { id } = await listen.mutateAsync(agent);
        setCurrent({ id, agent });
      } catch (e) {
        toastProblem(e);
        setCurrent(null);
      }
      setBusy('');
    };
    return { agent: current?.agent ?? '', busy, start: (a) => void start(a), stop: () => void stop() };
    // The mutations keep their identity of use, not of object.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [current, busy]);
  return <Context value={value}>{children}</Context>;
}

export function ListenBar() {
  const { t } = useTranslation();
  const { agent, stop } = useListening();
  const name = useItem<BoardAgent>('board', 'agent/' + agent)?.name ?? '';
  if (!agent) return null;
  return (
    <div className={css.listenBar} data-state="info" role="status" data-testid="listening">
      <IconEar size={18} aria-hidden />
      {t('board.listenTitle', { name })}
      <Button size="compact-sm" variant="default" ml="auto" onClick={stop} data-testid="listen-stop-bar">{t('board.stop')}</Button>
    </div>
  );
}

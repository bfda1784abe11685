import { createContext, useContext, useEffect, useMemo, useRef, useSyncExternalStore, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Screen } from '../api/types';
import { useUser } from '../lib/session';
import { toastOK, toastText } from '../ui/toast';
import { PhoneEngine } from './engine';
import type { PhoneSnapshot } from './types';

const Context = createContext<PhoneEngine | null>(null);

interface Props {
  screen: Screen | undefined;
  watch?: string | null;
  children: ReactNode;
}

/** Gives pages their softphone, for as long as they are open: an agent's has a screen, a supervisor's a watch. */
export function PhoneProvider({ screen, watch = null, children }: Props) {
  const user = useUser();
  const engine = useMemo(() => new PhoneEngine(user.id), [user.id]);
  useEffect(() => {
    engine.start();
    return () => engine.stop();
  }, [engine]);
  const session = screen?.session?.id ?? null;
  useEffect(() => engine.setSession(session), [engine, session]);
  useEffect(() => engine.setWatch(watch), [engine, watch]);
  const inTalk = !!screen?.call && screen.call.status !== 'ended';
  useEffect(() => engine.setInTalk(inTalk), [engine, inTalk]);
  useBeep(engine, screen);
  useNews(engine);
  return <Context value={engine}>{children}</Context>;
}

// The customer hears nothing of it: the tone is made here, at the moment in which the screen says that he is there.
function useBeep(engine: PhoneEngine, screen: Screen | undefined) {
  const talking = screen?.call?.status === 'talking' ? screen.call.attempt_id : null;
  const before = useRef(talking);
  useEffect(() => {
    if (talking && talking !== before.current) engine.beep();
    before.current = talking;
  }, [engine, talking]);
}

// Tells the agent when his phone went and when it is back.
function useNews(engine: PhoneEngine) {
  const { t } = useTranslation();
  const { state, cameBack, renewing } = useSyncExternalStore(engine.subscribe, engine.read);
  const before = useRef(state);
  useEffect(() => {
    const was = before.current;
    before.current = state;
    if (was === 'up' && (state === 'lost' || state === 'waiting') && !renewing) toastText(t('phone.news.lost'));
    if (was !== 'up' && state === 'up' && cameBack) toastOK(t('phone.news.back'));
    if (was === 'up' && state === 'elsewhere') toastText(t('phone.news.taken'));
  }, [state, cameBack, renewing, t]);
}

export interface Phone extends PhoneSnapshot {
  /** How loud it is now; call it as often as a meter is drawn. */
  level: PhoneEngine['level'];
  /** Calls this phone and sends back what it says; `testing` tells how it goes. */
  test: PhoneEngine['test'];
  takeOver: PhoneEngine['takeOver'];
  unblock: PhoneEngine['unblock'];
  choose: PhoneEngine['choose'];
}

/** The agent's softphone; state 'off' when he has another phone. Only below PhoneProvider. */
export function usePhone(): Phone {
  const engine = useContext(Context);
  if (!engine) throw new Error('PhoneProvider is missing');
  const snapshot = useSyncExternalStore(engine.subscribe, engine.read);
  return useMemo(() => ({
    ...snapshot, level: engine.level, test: engine.test, takeOver: engine.takeOver, unblock: engine.unblock, choose: engine.choose,
  }), [snapshot, engine]);
}

import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AroundNavHandler } from 'wouter';
import { Confirm } from '../ui/confirm';

type Go = () => void;

// At most one page has something to lose at a time: it is asked before another takes its place.
let keeper: ((go: Go) => void) | null = null;

/** For the router: another page comes when the one that is left agrees. */
export const guardedNav: AroundNavHandler = (navigate, to, options) => {
  const go = () => navigate(to, options);
  if (keeper) keeper(go);
  else go();
};

// The part of the Navigation API that tells of the browser's own Back and Forward; not every browser has it.
interface Traversal extends Event {
  navigationType: string;
  destination: { key: string };
}
interface Navigation extends EventTarget {
  traverseTo: (key: string) => unknown;
}

/** Asks before the page is left with something unsaved. Gives the dialog to show, and how to let go after saving. */
export function useUnsaved(dirty: boolean): { dialog: ReactNode; release: () => void } {
  const { t } = useTranslation();
  const [going, setGoing] = useState<{ go: Go } | null>(null);
  const free = useRef(!dirty);
  free.current = !dirty;
  useEffect(() => {
    if (!dirty) return;
    const ask = (go: Go) => (free.current ? go() : setGoing({ go }));
    const warn = (e: BeforeUnloadEvent) => !free.current && e.preventDefault();
    const navigation = (window as { navigation?: Navigation }).navigation;
    const back = (e: Event) => {
      const { navigationType, destination, cancelable } = e as Traversal;
      if (navigationType !== 'traverse' || !cancelable || free.current) return;
      e.preventDefault();
      setGoing({ go: () => void navigation!.traverseTo(destination.key) });
    };
    keeper = ask;
    window.addEventListener('beforeunload', warn);
    navigation?.addEventListener('navigate', back);
    return () => {
      if (keeper === ask) keeper = null;
      window.removeEventListener('beforeunload', warn);
      navigation?.removeEventListener('navigate', back);
    };
  }, [dirty]);
  const leave = () => {
    free.current = true;
    setGoing(null);
    going?.go();
  };
  const dialog = (
    <Confirm opened={going !== null} title={t('unsaved.title')} hint={t('unsaved.hint')} action={t('unsaved.leave')} danger onConfirm={leave} onClose={() => setGoing(null)} />
  );
  return { dialog, release: () => { free.current = true; } };
}

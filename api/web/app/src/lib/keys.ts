import { useEffect, useRef, useSyncExternalStore } from 'react';
import { load, save } from './storage';

/** Keys by name: "r", "shift+h", "ctrl+enter". Plain ones rest while somebody types or a dialog is open. */
export type Keys = Record<string, (() => void) | undefined>;

export function keyName(e: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>): string {
  const parts: string[] = [];
  if (e.ctrlKey || e.metaKey) parts.push('ctrl');
  if (e.altKey) parts.push('alt');
  if (e.shiftKey && e.key.length === 1 && /[a-z]/i.test(e.key)) parts.push('shift');
  parts.push(e.key.toLowerCase());
  return parts.join('+');
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.tagName === 'TEXTAREA' || target.tagName === 'SELECT') return true;
  return target.tagName === 'INPUT' && !['checkbox', 'radio', 'button'].includes((target as HTMLInputElement).type);
}

const STORE = 'dialtide.keys.single';
let single = load<boolean>(STORE) !== false;
const listeners = new Set<() => void>();

/** Whether letters, digits and signs do something by themselves. Whoever dictates, or often hits a wrong key, switches them off. */
export function useSingleKeys(): [boolean, (on: boolean) => void] {
  const on = useSyncExternalStore((f) => {
    listeners.add(f);
    return () => listeners.delete(f);
  }, () => single);
  return [on, (to) => {
    single = to;
    save(STORE, to);
    listeners.forEach((f) => f());
  }];
}

/** A key that types a character when nothing is held down beside it but Shift. */
export function isCharacter(e: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): boolean {
  return [...e.key].length === 1 && !e.ctrlKey && !e.metaKey && !e.altKey;
}

export function useKeys(keys: Keys): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const down = (e: KeyboardEvent) => {
      if (e.isComposing || e.repeat) return;
      const name = keyName(e);
      const f = current.current[name];
      if (!f) return;
      if (document.querySelector('[role="dialog"],[role="menu"]')) return;
      if (!name.startsWith('ctrl+') && typing(e.target)) return;
      if (!single && isCharacter(e)) return;
      e.preventDefault();
      f();
    };
    window.addEventListener('keydown', down);
    return () => window.removeEventListener('keydown', down);
  }, []);
}

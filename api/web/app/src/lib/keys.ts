import { useEffect, useRef } from 'react';

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
      e.preventDefault();
      f();
    };
    window.addEventListener('keydown', down);
    return () => window.removeEventListener('keydown', down);
  }, []);
}

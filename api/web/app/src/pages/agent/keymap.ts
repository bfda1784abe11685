import { useSyncExternalStore } from 'react';
import { keyName, useKeys, type Keys } from '../../lib/keys';
import { load, save } from '../../lib/storage';

/** What an agent can do by one key, with the key that it has at first. */
export const FIRST_KEYS = {
  ready: 'r', pause: 'n', hangup: 'shift+h', hold: 'k', mute: 'u', transfer: 't', keypad: 'i', park: 'p', record: 'z', more: 'shift+t', dial: 'shift+n',
  accept: 'y', skip: 'x', back: 'backspace', objections: 'o', note: 'm', never: 'shift+d', save: 'ctrl+enter', help: '?', assist: 'shift+s', messages: 'shift+m',
} as const;

export type Action = keyof typeof FIRST_KEYS;
export const ACTIONS = Object.keys(FIRST_KEYS) as Action[];
export type Keymap = Record<Action, string>;

const STORE = 'dialtide.keys';

/** Keys that have a fixed meaning: results, options of a question, moving on and about. */
export function reserved(key: string): boolean {
  return /^(shift\+)?[0-9]$/.test(key) || /^[a-h]$/.test(key)
    || ['enter', 'tab', 'escape', ' ', 'arrowup', 'arrowdown', 'arrowleft', 'arrowright', 'shift', 'control', 'alt', 'meta', 'ctrl+control', 'alt+alt', 'ctrl+c', 'ctrl+v', 'ctrl+x', 'ctrl+a', 'ctrl+z'].includes(key);
}

/** The stored keys, where they are sound and no key has two meanings; else the first ones. */
export function sound(kept: unknown): Keymap {
  const map: Keymap = { ...FIRST_KEYS };
  if (kept === null || typeof kept !== 'object') return map;
  for (const a of ACTIONS) {
    const key = (kept as Record<string, unknown>)[a];
    if (typeof key === 'string' && key !== '' && key.length < 30 && (!reserved(key) || key === FIRST_KEYS[a])) map[a] = key;
  }
  return new Set(Object.values(map)).size === ACTIONS.length ? map : { ...FIRST_KEYS };
}

let current: Keymap = sound(load(STORE));
const listeners = new Set<() => void>();

function keep(map: Keymap): void {
  current = map;
  save(STORE, map);
  listeners.forEach((f) => f());
}

const subscribe = (f: () => void) => {
  listeners.add(f);
  return () => listeners.delete(f);
};

export const useKeymap = (): Keymap => useSyncExternalStore(subscribe, () => current);

/** Gives an action another key; false: the key is reserved or taken. */
export function remap(action: Action, key: string): boolean {
  if (reserved(key) || ACTIONS.some((a) => a !== action && current[a] === key)) return false;
  keep({ ...current, [action]: key });
  return true;
}

export const resetKeys = (): void => keep({ ...FIRST_KEYS });

/** "ctrl+enter" as people write it. */
export function keyText(key: string): string {
  const names: Record<string, string> = { ctrl: 'Ctrl', shift: 'Shift', alt: 'Alt', enter: 'Enter', backspace: '⌫', ' ': '␣' };
  return key.split('+').map((p) => names[p] ?? (p.length === 1 ? p.toUpperCase() : p)).join('+');
}

/** Like useKeys, by action. */
export function useActions(actions: Partial<Record<Action, (() => void) | undefined>>): void {
  const map = useKeymap();
  const keys: Keys = {};
  for (const a of ACTIONS) if (actions[a]) keys[map[a]] = actions[a];
  useKeys(keys);
}

export { keyName };

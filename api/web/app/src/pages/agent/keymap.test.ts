import { describe, expect, it } from 'vitest';
import { ACTIONS, FIRST_KEYS, keyText, reserved, sound } from './keymap';

describe('keys of the desk', () => {
  it('begin with one meaning each, none of them reserved', () => {
    expect(new Set(Object.values(FIRST_KEYS)).size).toBe(ACTIONS.length);
    expect(ACTIONS.filter((a) => reserved(FIRST_KEYS[a]))).toEqual([]);
  });
  it('keep what was chosen, and fall back when two actions would share a key', () => {
    expect(sound({ hold: 'j' }).hold).toBe('j');
    expect(sound({ hold: 'r' })).toEqual(FIRST_KEYS);
    expect(sound({ hold: '1' }).hold).toBe(FIRST_KEYS.hold);
    expect(sound('x')).toEqual(FIRST_KEYS);
    expect(sound(null)).toEqual(FIRST_KEYS);
  });
  it('are shown as people write them', () => {
    expect(keyText('ctrl+enter')).toBe('Ctrl+Enter');
    expect(keyText('shift+h')).toBe('Shift+H');
    expect(keyText('?')).toBe('?');
  });
});

import { useMemo, useRef } from 'react';

const REST = 4000; // milliseconds without a movement after which a hand is elsewhere

/** Whether somebody's hand is at an element: moves, presses or types there. What he may be aiming at should not be moved meanwhile. */
export function useHand() {
  const until = useRef(0);
  return useMemo(() => {
    const touch = () => {
      until.current = performance.now() + REST;
    };
    const leave = () => {
      until.current = 0;
    };
    return { held: () => performance.now() < until.current, on: { onPointerMove: touch, onPointerDown: touch, onKeyDown: touch, onFocus: touch, onPointerLeave: leave } };
  }, []);
}

/** The order of before with the new ones after it; those that are gone leave a gap. */
export function keepOrder(before: string[], now: string[]): string[] {
  const known = new Set(before);
  return [...before, ...now.filter((k) => !known.has(k))];
}

/** The order asked for; but while a hand is at the rows, the order in which it met them. what: another filter or order, which is obeyed at once. */
export function useHeldOrder(now: string[], held: () => boolean, what: string): string[] {
  const kept = useRef({ keys: now, what });
  kept.current = { keys: held() && kept.current.what === what ? keepOrder(kept.current.keys, now) : now, what };
  return kept.current.keys;
}

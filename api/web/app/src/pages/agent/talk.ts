import type { CallView, Screen } from '../../api/desk';

/** What fits the call now: the server refuses the rest. */
export interface Able {
  hold: boolean;
  mute: boolean;
  keypad: boolean;
  transfer: boolean;
  park: boolean;
  retrieve: boolean;
  cancel: boolean;
  complete: boolean;
  three: boolean;
  leave: boolean;
}

const nothing: Able = {
  hold: false, mute: false, keypad: false, transfer: false, park: false, retrieve: false, cancel: false, complete: false, three: false, leave: false,
};

export function able(screen: Screen): Able {
  const call = screen.call;
  if (screen.state !== 'Talking' || call?.status !== 'talking' || call.role === 'consulted') return { ...nothing, mute: call?.role === 'consulted' && screen.state === 'Talking' };
  if (call.parked) return { ...nothing, retrieve: true };
  const three = threeWay(call);
  const consult = call.consult ?? null;
  const answered = consult?.status === 'talking';
  return {
    hold: !consult, mute: true, keypad: !call.held || answered, transfer: !consult, park: !consult && !three, retrieve: false,
    cancel: consult !== null, complete: answered && !three, three: answered && !three, leave: three,
  };
}

/** All three hear one another. */
export function threeWay(call: CallView): boolean {
  const kinds = (call.parties ?? []).map((p) => p.kind);
  return !!call.consult && kinds.includes('contact') && kinds.length > 1;
}

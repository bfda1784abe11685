import i18next from 'i18next';
import type { Screen } from '../../api/types';
import { codeName } from '../../i18n';

// What the agent does himself, or sees happen, needs no words; some reasons say already what ended the state before.
const PLAIN = new Set(['', 'agent', 'call', 'bridged', 'supervisor']);
const SAYS = new Set(['login', 'waiting_for_phone', 'phone_lost', 'connection_lost', 'wrap_up_timeout', 'preview_timeout', 'freed', 'coaching']);

/** What ended the state before this one, where that is news. */
export function ended({ ended_by: by = '', reason }: Screen): string {
  return PLAIN.has(by) || SAYS.has(reason ?? '') ? '' : codeName('endedBy', by);
}

/** Why the agent is in his state, and what comes after it. */
export function why(screen: Screen): string {
  if (screen.leaving_by) return i18next.t('help.orderedOff', { name: screen.steered_by || i18next.t('help.orderedAnyone') });
  if (screen.next_pause) return i18next.t('desk.bar.nextPause', { reason: codeName('notReady', screen.next_pause) });
  if (screen.leaving) return i18next.t('desk.bar.leaving');
  return [screen.reason && codeName('notReady', screen.reason), ended(screen)].filter(Boolean).join(' · ');
}

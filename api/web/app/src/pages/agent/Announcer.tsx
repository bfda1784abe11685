import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Screen } from '../../api/desk';
import { codeName } from '../../i18n';
import { clock } from '../../lib/clock';
import css from './desk.module.css';
import { why } from './why';

/** Seconds before the end of a state at which it is told. */
const WARN = 20;

/** What has just happened, for those who hear the page: the words change only with the event. */
export function Announcer({ screen }: { screen: Screen }) {
  const { t } = useTranslation();
  const [said, setSaid] = useState('');
  const before = useRef(screen);
  useEffect(() => {
    const was = before.current;
    before.current = screen;
    const name = screen.pop?.contact.name || t('desk.contact.noName');
    const call = screen.call;
    if (screen.pop && was.pop?.attempt_id !== screen.pop.attempt_id) setSaid(t(call?.direction === 'inbound' ? 'desk.say.inbound' : 'desk.say.pop', { name }));
    else if (call?.status === 'talking' && was.call?.status !== 'talking') setSaid(t('desk.say.talking', { name }));
    else if (call?.held !== was.call?.held && call) setSaid(t(call.held ? 'desk.talk.held' : 'desk.say.resumed'));
    else if (call?.parked && !was.call?.parked) setSaid(t('desk.talk.parked'));
    else if (call?.consult && call.consult.status !== was.call?.consult?.status) setSaid(t(`desk.talk.with.${call.consult.status}`, { name: call.consult.label }));
    else if (screen.state === 'WrapUp' && was.state !== 'WrapUp') setSaid([t('desk.call.ended'), screen.ended_by !== 'call_ended' && why(screen)].filter(Boolean).join('. '));
    else if (screen.state !== was.state || screen.reason !== was.reason) setSaid([codeName('agentState', screen.state), why(screen)].filter(Boolean).join('. '));
  }, [screen, t]);
  const { deadline } = screen;
  useEffect(() => {
    const left = deadline ? Date.parse(deadline) - clock.now() - WARN * 1000 : -1;
    if (left < 0) return;
    const timer = setTimeout(() => setSaid(t('desk.say.left', { seconds: WARN })), left);
    return () => clearTimeout(timer);
  }, [deadline, t]);
  return <div className={css.heard} role="status" aria-live="assertive" data-testid="announcer">{said}</div>;
}

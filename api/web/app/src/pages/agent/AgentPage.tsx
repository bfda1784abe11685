import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Screen } from '../../api/types';
import { clock } from '../../lib/clock';
import { useUser } from '../../lib/session';
import { useItem, useTopic } from '../../stream/context';
import { toastOK } from '../../ui/toast';
import { PhoneProvider } from '../../phone/context';
import { FullLoader } from '../../ui/ui';
import { Choose } from './Choose';
import { Desk } from './Desk';
import { codeName } from '../../i18n';

// What the tab says while another window lies above this one.
function useTitle(screen: Screen | undefined) {
  const { i18n } = useTranslation();
  const state = screen?.session ? screen.state : null;
  const name = screen?.pop && state !== 'Ready' ? screen.pop.contact.name || screen.pop.contact.phone : '';
  useEffect(() => {
    if (!state) return;
    document.title = [name, codeName('agentState', state), 'Dialtide'].filter(Boolean).join(' · ');
    return () => {
      document.title = 'Dialtide';
    };
  }, [state, name, i18n.language]);
}

// A call may end with nothing to do: the contact leaves the screen, and the agent is told why.
function useGone(screen: Screen | undefined) {
  const { t } = useTranslation();
  const before = useRef<Screen>(undefined);
  useEffect(() => {
    const was = before.current;
    before.current = screen;
    if (was?.pop && screen && !screen.pop && (was.state === 'Talking' || was.state === 'Reserved')) toastOK(t('desk.call.gone'));
  }, [screen, t]);
}

export default function AgentPage() {
  const user = useUser();
  const topic = 'agent:' + user.id;
  useTopic(topic);
  const now = useItem<Screen>(topic, 'screen');
  // A server that has just begun does not know its agents yet: what was on the screen stays until it does.
  const last = useRef(now);
  if (now) last.current = now;
  const screen = now ?? last.current;
  clock.observe(screen?.server_time);
  useTitle(screen);
  useGone(screen);
  return (
    <PhoneProvider screen={screen}>
      {!screen ? <FullLoader /> : screen.session ? <Desk screen={screen} /> : <Choose phone={screen.phone} />}
    </PhoneProvider>
  );
}

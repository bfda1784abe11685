import { Button } from '@mantine/core';
import { IconCalendarClock } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMoveCallback } from '../../api/callbacks';
import type { CallbackDue, Screen } from '../../api/desk';
import { clock } from '../../lib/clock';
import { makeFormats } from '../../lib/format';
import { useUser } from '../../lib/session';
import { useConnection } from '../../stream/context';
import { toastOK, toastProblem } from '../../ui/toast';
import { useCommand } from './command';
import css from './desk.module.css';

const MOST = 3;

/** Makes a callback that is for anyone the agent's own. The screen tells of it a moment later. */
function useTake() {
  const { t } = useTranslation();
  const me = useUser().id;
  const move = useMoveCallback();
  const [taken, setTaken] = useState<string[]>([]);
  const take = (c: CallbackDue) => move.mutate({ id: c.id, due_at: c.due_at, agent_id: me, note: c.note }, {
    onSuccess: () => {
      setTaken((all) => [...all, c.id]);
      toastOK(t('agenda.taken'));
    },
    onError: toastProblem,
  });
  return { take, taken, taking: move.isPending ? move.variables.id : '' };
}

/** Callbacks that come soon or wait already: the agent's own, then those for anyone in the campaign. */
export function Reminders({ screen, inCall }: { screen: Screen; inCall: boolean }) {
  const { t, i18n } = useTranslation();
  const { run, busy } = useCommand();
  const { take, taken, taking } = useTake();
  const online = useConnection() === 'open';
  const f = makeFormats(i18n.language);
  const due = screen.callbacks_due ?? [];
  if (due.length === 0) return null;
  const free = online && screen.phone === 'up' && (screen.state === 'Ready' || screen.state === 'NotReady');
  return (
    <div className={css.reminders} data-call={inCall || undefined} role="region" aria-label={t('desk.reminder.title')} data-testid="callbacks-due">
      {due.slice(0, MOST).map((c) => {
        const late = Date.parse(c.due_at) < clock.now();
        return (
          <div key={c.id} className={css.reminder} data-late={late || undefined} data-testid="callback-due">
            <IconCalendarClock size={18} stroke={1.7} aria-hidden />
            <span className="truncate" title={c.note}>
              {t(late ? 'desk.reminder.late' : 'desk.reminder.soon', { time: f.time(Date.parse(c.due_at)) })} <b>{c.contact_name || t('desk.contact.noName')}</b>
              {c.shared && !taken.includes(c.id) && ` (${t('desk.reminder.anyone')})`}
              {c.campaign_id !== screen.session?.campaign_id && ` (${c.campaign_name})`}{c.note && ` – ${c.note}`}
            </span>
            {c.shared && !taken.includes(c.id) && <Button size="compact-xs" variant="default" disabled={!online} loading={taking === c.id} onClick={() => take(c)} data-testid="callback-take">{t('desk.reminder.take')}</Button>}
            {c.campaign_id === screen.session?.campaign_id && (
              <Button size="compact-xs" variant="light" disabled={!free} loading={busy === 'dial'} onClick={() => void run('dial', { contact_id: c.contact_id })} data-testid="callback-dial">
                {t('desk.reminder.call')}
              </Button>
            )}
          </div>
        );
      })}
      {due.length > MOST && <small>{t('desk.reminder.more', { count: due.length - MOST })}</small>}
    </div>
  );
}

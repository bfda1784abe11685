import { Button } from '@mantine/core';
import { IconCalendarClock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Screen } from '../../api/desk';
import { clock } from '../../lib/clock';
import { makeFormats } from '../../lib/format';
import { useConnection } from '../../stream/context';
import { useCommand } from './command';
import css from './desk.module.css';

const MOST = 3;

/** The agent's own callbacks that come soon or wait already. */
export function Reminders({ screen, inCall }: { screen: Screen; inCall: boolean }) {
  const { t, i18n } = useTranslation();
  const { run, busy } = useCommand();
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
              {c.campaign_id !== screen.session?.campaign_id && ` (${c.campaign_name})`}{c.note && ` – ${c.note}`}
            </span>
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

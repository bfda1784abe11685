import { useRef, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreedCallback } from '../../api/callbacks';
import { clock } from '../../lib/clock';
import { phoneText, useFormats } from '../../lib/format';
import { toWall } from '../../lib/zone';
import css from './callbacks.module.css';
import { cellKey, hoursOf, placed, zoneOf, type Clock } from './calendar';

interface EntryProps {
  callback: AgreedCallback;
  which: Clock;
  own: string;
  agents: boolean;
  open: (k: AgreedCallback) => void;
}

export function Entry({ callback: k, which, own, agents, open }: EntryProps) {
  const { t } = useTranslation();
  const f = useFormats();
  const ms = Date.parse(k.due_at);
  const zone = zoneOf(k, which, own);
  const other = which === 'mine' ? k.zone : own;
  const late = k.state === 'open' && ms < clock.now();
  const name = k.contact_name || phoneText(k.phone);
  const elsewhere = other && other !== zone ? f.time(ms, other) : '';
  return (
    <button type="button" className={css.entry} data-late={late || undefined} data-state={k.state} data-entry={k.id} onClick={() => open(k)} title={k.note}
      aria-label={t('agenda.entry', { time: f.time(ms, zone), day: f.day(ms, zone), name, who: k.agent_name || t('agenda.anyone') })} data-testid="calendar-entry">
      <b className="num">{f.time(ms, zone)}</b> {name}
      <small>{[elsewhere && `${elsewhere} ${which === 'mine' ? t('agenda.there') : t('agenda.here')}`, agents && (k.agent_name || t('agenda.anyone'))].filter(Boolean).join(' · ')}</small>
    </button>
  );
}

interface Props {
  all: AgreedCallback[];
  days: string[];
  which: Clock;
  own: string;
  agents: boolean;
  open: (k: AgreedCallback) => void;
  step: (n: number) => void;
}

/** A grid of hours and days. Arrow keys go from one callback to the next, Page Up and Page Down from week to week. */
export function Calendar({ all, days, which, own, agents, open, step }: Props) {
  const { t, i18n } = useTranslation();
  const ref = useRef<HTMLTableElement>(null);
  const cells = placed(all, days, which, own);
  const today = toWall(clock.now(), own).slice(0, 10);
  const head = new Intl.DateTimeFormat(i18n.language, { weekday: 'short', month: 'short', day: 'numeric', timeZone: 'UTC' });
  const keys = (e: KeyboardEvent) => {
    if (e.key === 'PageUp' || e.key === 'PageDown') {
      e.preventDefault();
      return step(e.key === 'PageUp' ? -1 : 1);
    }
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[e.key];
    if (!by) return;
    const order = days.flatMap((d) => hoursOf(cells).flatMap((h) => (cells.get(cellKey(d, h)) ?? []).map((k) => k.id)));
    const at = order.indexOf((document.activeElement as HTMLElement | null)?.dataset.entry ?? '');
    const next = order[at < 0 ? 0 : at + by];
    if (!next) return;
    e.preventDefault();
    ref.current?.querySelector<HTMLElement>(`[data-entry="${next}"]`)?.focus();
  };
  return (
    <div className={css.scroll} tabIndex={0} role="region" aria-label={t('agenda.title')} onKeyDown={keys}>
      <table ref={ref} className={css.grid} data-week={days.length > 1 || undefined} data-testid="calendar">
        <thead>
          <tr>
            <th scope="col"><span className={css.hidden}>{t('agenda.hour')}</span></th>
            {days.map((d) => <th key={d} scope="col" data-today={d === today || undefined} aria-current={d === today ? 'date' : undefined}>{head.format(Date.parse(d + 'T00:00Z'))}</th>)}
          </tr>
        </thead>
        <tbody>
          {hoursOf(cells).map((h) => (
            <tr key={h}>
              <th scope="row" className="num">{String(h).padStart(2, '0')}:00</th>
              {days.map((d) => (
                <td key={d} data-today={d === today || undefined}>
                  {(cells.get(cellKey(d, h)) ?? []).map((k) => <Entry key={k.id} callback={k} which={which} own={own} agents={agents} open={open} />)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

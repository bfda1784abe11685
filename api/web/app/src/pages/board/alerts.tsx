import { Button, Indicator, Popover, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconBell, IconChevronDown } from '@tabler/icons-react';
import i18next from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAck, useAlertLog, type Alert, type Severity } from '../../api/room';
import { codeName } from '../../i18n';
import { codes } from '../../i18n/en/codes';
import { useFormats } from '../../lib/format';
import { useHeld } from '../../lib/stable';
import { useFresh, useTopic } from '../../stream/context';
import { toastProblem } from '../../ui/toast';
import { StatePill } from '../../ui/ui';
import css from './room.module.css';

const states: Record<Severity, string> = { info: 'info', warning: 'warn', critical: 'bad' };
const rank: Record<Severity, number> = { critical: 0, warning: 1, info: 2 };

/** What an alert says, in the reader's language. */
export function alertText(a: Alert): string {
  if (!(a.code in codes.alert)) return codeName('alert', a.code);
  return i18next.t(`code.alert.${a.code}`, a.args ?? {});
}

/** Open alerts, the gravest first, those that nobody looks after before the others. */
export function sortAlerts(all: Alert[]): Alert[] {
  return [...all].sort((a, b) => Number(!!a.acked_at) - Number(!!b.acked_at) || rank[a.severity] - rank[b.severity] || a.raised_at.localeCompare(b.raised_at));
}

export function useAlerts(): Alert[] {
  useTopic('alerts');
  return sortAlerts(useFresh<Alert>('alerts', '').map(([, a]) => a));
}

function Row({ a, gone }: { a: Alert; gone?: boolean }) {
  const { t } = useTranslation();
  const f = useFormats();
  const ack = useAck();
  const over = gone || !!a.cleared_at;
  return (
    <div className={css.alert} role="listitem" data-testid="alert-row" data-kind={a.kind} data-severity={a.severity} data-over={over || undefined}>
      <StatePill state={over ? 'plain' : states[a.severity]}>{codeName('severity', a.severity)}</StatePill>
      <b className="truncate" title={a.name}>{codeName('alertKind', a.kind)} · {a.name}</b>
      <span>{alertText(a)}</span>
      <small>{t('room.alerts.since', { time: f.time(Date.parse(a.raised_at)) })}{over ? ` · ${t('room.alerts.over')} ${a.cleared_at ? f.time(Date.parse(a.cleared_at)) : ''}` : ''}</small>
      {a.acked_at ? <small className="truncate" title={f.dateTime(a.acked_at)}>{t('room.alerts.acked', { name: a.acked_name })}</small>
        : over ? <span />
          : <Button size="compact-xs" variant="default" loading={ack.isPending} onClick={() => ack.mutate(a.id, { onError: toastProblem })} data-testid="alert-ack">{t('room.alerts.ack')}</Button>}
    </div>
  );
}

/** All alerts on demand: the open ones from the stream, the earlier ones when asked for. While it is looked at no row moves: new ones come after the others, and those that are over keep their places. */
export function AlertList() {
  const { t } = useTranslation();
  const rows = useHeld(useAlerts().map((a) => [a.id, a] as const));
  const [log, setLog] = useState(false);
  const shown = new Set(rows.map((r) => r.key));
  const past = useAlertLog(log).data?.filter((a) => a.cleared_at && !shown.has(a.id)) ?? [];
  return (
    <>
      <div className={css.alerts} role="list" aria-label={t('room.alerts.title')} data-testid="alerts">
        {rows.length === 0 && <div className={css.alert} role="listitem">{t('room.alerts.none')}</div>}
        {rows.map((r) => <Row key={r.key} a={r.value} gone={r.gone} />)}
        {log && past.map((a) => <Row key={a.id} a={a} />)}
      </div>
      <Button size="compact-xs" variant="subtle" m={8} onClick={() => setLog(!log)}>{log ? t('room.alerts.hide') : t('room.alerts.log')}</Button>
    </>
  );
}

/** What needs somebody, above all else: one line that is always there and as high as ever, so that nothing below moves when an alert comes or goes. A click opens the alerts over the page. */
export function AlertStrip() {
  const { t } = useTranslation();
  const f = useFormats();
  const open = useAlerts();
  const [shown, show] = useState(false);
  const fresh = open.filter((a) => !a.acked_at);
  const newest = (fresh.length ? fresh : open).toSorted((a, b) => b.raised_at.localeCompare(a.raised_at))[0];
  const level = fresh.length === 0 ? undefined : states[fresh[0]!.severity];
  const critical = open.filter((a) => a.severity === 'critical').length;
  const count = open.length === 0 ? t('room.alerts.none') : t('room.alerts.count', { n: open.length, critical });
  const says = newest ? `${codeName('alertKind', newest.kind)} · ${newest.name}: ${alertText(newest)}` : '';
  return (
    <section className={css.strip} data-state={level} aria-label={t('room.alerts.title')} data-testid="alert-strip" data-open={open.length} data-critical={critical}>
      <Popover opened={shown} onChange={show} position="bottom-start" width="target" shadow="md" withinPortal trapFocus returnFocus>
        <Popover.Target>
          <UnstyledButton className={css.stripButton} onClick={() => show(!shown)} data-testid="alerts-open">
            <IconBell size={18} stroke={1.8} aria-hidden />
            <b className={css.stripCount}>{count}</b>
            {newest && <StatePill state={states[newest.severity]}>{codeName('severity', newest.severity)}</StatePill>}
            <span className="truncate" title={says}>{says}</span>
            {newest && <small>{t('room.alerts.since', { time: f.time(Date.parse(newest.raised_at)) })}</small>}
            <IconChevronDown size={16} className={css.stripMore} aria-hidden />
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown p={0} mah="60dvh" style={{ overflowY: 'auto' }}><AlertList /></Popover.Dropdown>
      </Popover>
      <VisuallyHidden role="status">{newest && `${count}. ${says}`}</VisuallyHidden>
    </section>
  );
}

/** In the head of every page of a supervisor: how many alerts are open; a click shows them. */
export function AlertBadge() {
  const { t } = useTranslation();
  const open = useAlerts().filter((a) => !a.acked_at);
  const critical = open.filter((a) => a.severity === 'critical').length;
  const label = t('room.alerts.count', { n: open.length, critical });
  return (
    <Popover position="bottom-end" width="min(760px, 94vw)" shadow="md" withinPortal>
      <Popover.Target>
        <UnstyledButton aria-label={`${t('room.alerts.badge')}: ${label}`} title={label} data-testid="alert-badge" data-open={open.length} data-critical={critical} px={8} py={6}>
          <Indicator disabled={open.length === 0} label={open.length > 99 ? '99+' : open.length} size={16} color={critical ? 'red' : 'yellow'} autoContrast>
            <IconBell size={20} stroke={1.7} aria-hidden />
          </Indicator>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={0} mah="70dvh" style={{ overflowY: 'auto' }}><AlertList /></Popover.Dropdown>
    </Popover>
  );
}

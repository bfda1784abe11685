import { Button, Indicator, Popover, UnstyledButton } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import i18next from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAck, useAlertLog, type Alert, type Severity } from '../../api/room';
import { codeName } from '../../i18n';
import { codes } from '../../i18n/en/codes';
import { useFormats } from '../../lib/format';
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

function Row({ a }: { a: Alert }) {
  const { t } = useTranslation();
  const f = useFormats();
  const ack = useAck();
  return (
    <div className={css.alert} role="listitem" data-testid="alert-row" data-kind={a.kind} data-severity={a.severity}>
      <StatePill state={a.cleared_at ? 'plain' : states[a.severity]}>{codeName('severity', a.severity)}</StatePill>
      <b className="truncate" title={a.name}>{codeName('alertKind', a.kind)} · {a.name}</b>
      <span>{alertText(a)}</span>
      <small>{t('room.alerts.since', { time: f.time(Date.parse(a.raised_at)) })}{a.cleared_at ? ` · ${t('room.alerts.over')} ${f.time(Date.parse(a.cleared_at))}` : ''}</small>
      {a.acked_at ? <small title={f.dateTime(a.acked_at)}>{t('room.alerts.acked', { name: a.acked_name })}</small>
        : a.cleared_at ? <span />
          : <Button size="compact-xs" variant="default" loading={ack.isPending} onClick={() => ack.mutate(a.id, { onError: toastProblem })} data-testid="alert-ack">{t('room.alerts.ack')}</Button>}
    </div>
  );
}

/** All alerts on demand: the open ones from the stream, the earlier ones when asked for. */
export function AlertList() {
  const { t } = useTranslation();
  const open = useAlerts();
  const [log, setLog] = useState(false);
  const past = useAlertLog(log).data?.filter((a) => a.cleared_at) ?? [];
  return (
    <>
      <div className={css.alerts} role="list" aria-label={t('room.alerts.title')} data-testid="alerts" aria-live="polite">
        {open.length === 0 && <div className={css.alert} role="listitem">{t('room.alerts.none')}</div>}
        {open.map((a) => <Row key={a.id} a={a} />)}
        {log && past.map((a) => <Row key={a.id} a={a} />)}
      </div>
      <Button size="compact-xs" variant="subtle" m={8} onClick={() => setLog(!log)}>{log ? t('room.alerts.hide') : t('room.alerts.log')}</Button>
    </>
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

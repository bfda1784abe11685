import { Button, Center, Loader, Skeleton, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconRipple } from '@tabler/icons-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/http';
import { codeName } from '../i18n';
import { fieldText, problemText } from '../i18n/problem';
import { clock, onTick } from '../lib/clock';
import { clockText, useFormats } from '../lib/format';
import css from './ui.module.css';

/** A state as colour and text together, never colour alone. */
export function StatePill({ state, children, testid }: { state: string; children: ReactNode; testid?: string }) {
  return (
    <span className={css.pill} data-state={state} data-testid={testid}>
      <span className="truncate">{children}</span>
    </span>
  );
}

export function StatusPill({ status, testid }: { status: string; testid?: string }) {
  useTranslation();
  return <StatePill state={status} testid={testid}>{codeName('campaignStatus', status)}</StatePill>;
}

const good = new Set(['connected']);
const bad = new Set(['abandoned', 'invalid_number', 'trunk_failed', 'switch_lost', 'rejected']);

export function OutcomePill({ outcome }: { outcome: string }) {
  useTranslation();
  const state = good.has(outcome) ? 'good' : bad.has(outcome) ? 'bad' : 'plain';
  return <StatePill state={state}>{codeName('outcome', outcome)}</StatePill>;
}

interface TimerProps {
  /** Server time that it counts from, or down to. */
  at: string | null | undefined;
  down?: boolean;
  testid?: string;
}

/** A running time. It writes its text past React: hundreds of them tick at once. */
export function Timer({ at, down, testid }: TimerProps) {
  const ref = useRef<HTMLSpanElement>(null);
  const ms = Date.parse(at ?? '');
  useEffect(() => {
    const write = () => {
      if (!ref.current) return;
      const seconds = (clock.now() - ms) / 1000;
      const text = Number.isFinite(ms) ? clockText(down ? Math.ceil(-seconds) : seconds) : '';
      if (ref.current.textContent !== text) ref.current.textContent = text;
    };
    write();
    return onTick(write);
  }, [ms, down]);
  return <span ref={ref} className="num" data-testid={testid} role="timer" aria-live="off" />;
}

export function Page({ title, actions, children }: { title: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <main className={css.page} id="main">
      <div className={css.head}>
        <h1>{title}</h1>
        <div className={css.spacer} />
        {actions}
      </div>
      {children}
    </main>
  );
}

interface PanelProps {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
  testid?: string;
}

export function Panel({ title, aside, children, className, testid }: PanelProps) {
  return (
    <section className={`${css.panel} ${className ?? ''}`} data-testid={testid}>
      {(title || aside) && (
        <div className={css.panelHead}>
          {title && <h2>{title}</h2>}
          <div className={css.spacer} />
          {aside}
        </div>
      )}
      {children}
    </section>
  );
}

/** What is wider than the page scrolls by itself. A label makes it reachable by keyboard where nothing in it is. */
export function Scroll({ children, label }: { children: ReactNode; label?: string }) {
  return <div className={css.scroll} {...(label ? { tabIndex: 0, role: 'region', 'aria-label': label } : {})}>{children}</div>;
}

interface EmptyProps {
  title: string;
  hint?: string;
  icon?: ReactNode;
  action?: ReactNode;
}

export function Empty({ title, hint, icon, action }: EmptyProps) {
  return (
    <div className={css.empty} role="status">
      {icon ?? <IconRipple size={36} stroke={1.4} aria-hidden />}
      <div className={css.emptyTitle}>{title}</div>
      {hint && <Text size="sm" c="dimmed" maw={440}>{hint}</Text>}
      {action}
    </div>
  );
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const refused = error instanceof ApiError ? error.fields.slice(0, 3) : [];
  return (
    <div className={css.empty} role="alert">
      <IconAlertTriangle size={34} stroke={1.4} aria-hidden />
      <div className={css.emptyTitle}>{t('state.title')}</div>
      {refused.length === 0 && <Text size="sm" c="dimmed" maw={440}>{problemText(error)}</Text>}
      {refused.map((f) => <Text key={f.path} size="sm" c="dimmed" maw={440}>{fieldText(f.message)}</Text>)}
      {retry && <Button variant="default" mt="xs" onClick={retry}>{t('act.retry')}</Button>}
    </div>
  );
}

export function RowsSkeleton({ rows = 6 }: { rows?: number }) {
  return (
    <Stack gap={10} p="md" aria-busy="true" data-testid="loading">
      {Array.from({ length: rows }, (_, i) => <Skeleton key={i} height={18} width={`${96 - (i % 3) * 9}%`} />)}
    </Stack>
  );
}

interface LoadProps<T> {
  query: { data: T | undefined; error: unknown; isPending: boolean; refetch: () => void };
  empty?: (data: T) => boolean;
  whenEmpty?: ReactNode;
  /** Lines of the skeleton: as high as what usually comes, so that nothing below jumps. */
  rows?: number;
  children: (data: T) => ReactNode;
}

/** One query's three faces: skeleton, error with a way out, content (or a designed emptiness). */
export function Load<T>({ query, empty, whenEmpty, rows, children }: LoadProps<T>) {
  if (query.data !== undefined) return empty?.(query.data) ? whenEmpty : children(query.data);
  if (query.isPending) return <RowsSkeleton rows={rows} />;
  return <Failed error={query.error} retry={() => void query.refetch()} />;
}

export function FullLoader() {
  return <Center h="100%"><Loader type="dots" aria-label="Dialtide" /></Center>;
}

/** Abandonment against its target: the mark is the target, the bar ends at twice of it. */
export function TargetBar({ share, target }: { share: number; target: number }) {
  const { t } = useTranslation();
  const f = useFormats();
  const full = Math.max(target * 2, 0.01);
  const state = share > target ? 'bad' : share > target * 0.8 ? 'warn' : 'good';
  const pos = (v: number) => `${Math.min(100, (v / full) * 100)}%`;
  const label = `${f.percent(share)}, ${t('board.target', { value: f.percent(target) })}`;
  return (
    <div className={css.bar} data-state={state} role="img" aria-label={label} title={label}>
      <span className={css.track}>
        <span className={css.fill} style={{ width: pos(share) }} />
        <span className={css.mark} style={{ left: pos(target) }} />
      </span>
      <span className="num" style={{ color: 'var(--s)', minWidth: 44, textAlign: 'right' }}>{f.percent(share)}</span>
    </div>
  );
}

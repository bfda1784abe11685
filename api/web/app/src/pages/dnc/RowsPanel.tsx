import { Button } from '@mantine/core';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PAGE_ROWS } from '../../api/lawQueries';
import { useFormats } from '../../lib/format';
import { Empty, Failed, Panel, RowsSkeleton } from '../../ui/ui';
import css from './dnc.module.css';

interface Props<T> {
  query: UseInfiniteQueryResult<InfiniteData<T[]>>;
  filters: ReactNode;
  /** Whether somebody has narrowed the rows. */
  filtered: boolean;
  /** Said when nothing fits, and when nothing is there at all. */
  none: string;
  empty: string;
  emptyHint: string;
  testid: string;
  children: (rows: T[]) => ReactNode;
}

/** Rows that are read page by page, under a row of filters, with their other faces: coming, failed, none. */
export function RowsPanel<T>({ query, filters, filtered, none, empty, emptyHint, testid, children }: Props<T>) {
  const { t } = useTranslation();
  const f = useFormats();
  const rows = query.data?.pages.flat() ?? [];
  return (
    <Panel testid={testid}>
      <div className={css.filters}>{filters}</div>
      {query.isPending && <RowsSkeleton />}
      {query.isError && !query.data && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.data && rows.length === 0 && (filtered ? <Empty title={none} /> : <Empty title={empty} hint={emptyHint} />)}
      {rows.length > 0 && <div className={css.rows} aria-busy={query.isPlaceholderData} data-stale={query.isPlaceholderData || undefined}>{children(rows)}</div>}
      {rows.length >= PAGE_ROWS && (
        <div className={css.more}>
          {t('suppress.shown', { n: f.number(rows.length) })}
          {query.hasNextPage && <Button size="xs" variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()} data-testid="more-rows">{t('suppress.more')}</Button>}
        </div>
      )}
    </Panel>
  );
}

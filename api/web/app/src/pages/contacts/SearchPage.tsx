import { Button, Checkbox, Select, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconTag, IconUserSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useSearch as useQueryString } from 'wouter';
import { ApiError, query } from '../../api/http';
import type { Found, SearchResult } from '../../api/law';
import { useSearch } from '../../api/lawQueries';
import { useLists } from '../../api/queries';
import { phoneText, useFormats } from '../../lib/format';
import { useKeys } from '../../lib/keys';
import { may, useUser } from '../../lib/session';
import { toastOK } from '../../ui/toast';
import { Joined } from '../../ui/Joined';
import { Empty, Load, Page, Panel, Scroll } from '../../ui/ui';
import css from './contact.module.css';
import { nextRow, tooShort } from './search';
import { TagDialog } from './TagDialog';
import { useTagSome } from './tags';

interface RowProps {
  c: Found;
  /** Missing: nobody can be picked. */
  pick?: (id: string, on: boolean) => void;
  picked: boolean;
}

function Row({ c, pick, picked }: RowProps) {
  const { t } = useTranslation();
  const fields = Object.entries(c.fields ?? {}).map(([k, v]) => `${k}: ${v}`);
  return (
    <Table.Tr data-testid="found-row" data-contact={c.id} data-phone={c.phone}>
      {pick && <Table.Td><Checkbox size="xs" checked={picked} onChange={(e) => pick(c.id, e.currentTarget.checked)} aria-label={t('steer.pick', { name: c.name || c.phone })} data-testid="pick" /></Table.Td>}
      <Table.Td maw={260}><div className="truncate" title={c.name}><Link href={`/contacts/${c.id}`} data-row-link>{c.name || phoneText(c.phone)}</Link></div></Table.Td>
      <Table.Td className="num" style={{ whiteSpace: 'nowrap' }}>{phoneText(c.phone)}</Table.Td>
      <Table.Td maw={260}><div className="truncate" title={c.list_name}><Link href={`/lists/${c.list_id}`}>{c.list_name}</Link>{c.archived && <Text span size="xs" c="dimmed"> ({t('find.archived')})</Text>}</div></Table.Td>
      <Table.Td maw={140}><div className="truncate" title={c.key}>{c.key}</div></Table.Td>
      <Table.Td maw={420}><div className={`truncate ${css.soft}`} title={fields.join(' · ')}><Joined parts={fields} /></div></Table.Td>
    </Table.Tr>
  );
}

function Results({ result }: { result: SearchResult }) {
  const { t } = useTranslation();
  const f = useFormats();
  const manage = may(useUser(), 'manage');
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [tagging, setTagging] = useState(false);
  const tag = useTagSome();
  const ids = result.items.map((c) => c.id);
  const chosen = ids.filter((id) => picked.has(id)); // who is shown no more is not meant any more
  const pick = (id: string, on: boolean) => setPicked((was) => {
    const next = new Set(was);
    if (on) next.add(id);
    else next.delete(id);
    return next;
  });
  return (
    <>
      <div className={css.found}>
        <span role="status" data-testid="found-count">
          {[t('find.count', { n: f.number(result.items.length) }), result.more && t('find.more'), result.indexing && t('find.indexing')].filter(Boolean).join(' · ')}
        </span>
        {chosen.length > 0 && (
          <>
            <b>{t('steer.picked', { n: f.number(chosen.length) })}</b>
            <Button size="compact-sm" variant="light" leftSection={<IconTag size={14} />} onClick={() => setTagging(true)} data-testid="tag-picked">{t('steer.tag')}</Button>
            <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setPicked(new Set())}>{t('steer.unpick')}</Button>
          </>
        )}
      </div>
      <Scroll>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {manage && (
                <Table.Th className={css.pick}>
                  <Checkbox size="xs" checked={chosen.length === ids.length} indeterminate={chosen.length > 0 && chosen.length < ids.length} onChange={() => setPicked(new Set(chosen.length === ids.length ? [] : ids))}
                    aria-label={t('steer.pickAll')} data-testid="pick-all" />
                </Table.Th>
              )}
              <Table.Th>{t('ui.name')}</Table.Th><Table.Th>{t('lists.phone')}</Table.Th><Table.Th>{t('find.listColumn')}</Table.Th><Table.Th>{t('find.key')}</Table.Th><Table.Th>{t('lists.fields')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>{result.items.map((c) => <Row key={c.id} c={c} pick={manage ? pick : undefined} picked={picked.has(c.id)} />)}</Table.Tbody>
        </Table>
      </Scroll>
      {tagging && (
        <TagDialog title={t('steer.tagTitle', { n: f.number(chosen.length) })} busy={tag.isPending} error={tag.error} onClose={() => setTagging(false)}
          onSubmit={(change) => tag.mutate({ contact_ids: chosen, ...change }, {
            onSuccess: (done) => {
              toastOK(t('steer.tagged', { n: f.number(done.changed) }));
              setTagging(false);
              setPicked(new Set());
            },
          })} />
      )}
    </>
  );
}

function Answer({ q, list }: { q: string; list: string }) {
  const { t } = useTranslation();
  const short = tooShort(q);
  const search = useSearch(short ? '' : q, list);
  if (q === '') return <Empty icon={<IconUserSearch size={38} stroke={1.3} aria-hidden />} title={t('find.start')} hint={t('find.startHint')} />;
  if (short) return <Empty title={t('find.short')} />;
  if (search.error instanceof ApiError && search.error.status === 422 && !search.isFetching) return <Empty title={t('find.tooWide')} hint={t('find.tooWideHint')} />;
  return (
    <Load query={search} empty={(r) => r.items.length === 0} whenEmpty={<Empty title={t('find.none')} hint={search.data?.indexing ? t('find.indexing') : t('find.noneHint')} />}>
      {(r) => <Results result={r} />}
    </Load>
  );
}

/** Finds contacts in all lists. What is asked for stands in the address, so that Back comes to the same results. */
export default function SearchPage() {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const params = new URLSearchParams(useQueryString());
  const list = params.get('list') ?? '';
  const asked = params.get('q') ?? '';
  const [text, setText] = useState(asked);
  const [q] = useDebouncedValue(text.trim(), 200);
  const lists = useLists();
  const input = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (q !== asked) go('/contacts' + query({ q, list }), { replace: true });
  }, [q]); // eslint-disable-line react-hooks/exhaustive-deps
  useKeys({ '/': () => input.current?.select() });
  const move = (e: KeyboardEvent) => {
    const links = [...(box.current?.querySelectorAll<HTMLElement>('[data-row-link]') ?? [])];
    const inField = e.target === input.current;
    if (!['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(e.key) || inField && e.key !== 'ArrowDown') return;
    const at = links.findIndex((l) => l === document.activeElement);
    if (!inField && at < 0) return;
    const next = nextRow(links.length, at, e.key);
    e.preventDefault();
    (links[next] ?? input.current)?.focus();
  };
  return (
    <Page title={t('find.title')}>
      <div ref={box} onKeyDown={move}>
        <div className={css.search} role="search">
          <TextInput ref={input} size="md" autoFocus type="search" maxLength={100} placeholder={t('find.placeholder')} aria-label={t('find.placeholder')} leftSection={<IconSearch size={18} />} value={text}
            onChange={(e) => setText(e.currentTarget.value)} data-testid="find" />
          <Select size="md" clearable searchable limit={60} placeholder={t('find.list')} aria-label={t('find.list')} value={list || null} data={(lists.data ?? []).map((l) => ({ value: l.id, label: l.name }))}
            onChange={(v) => go('/contacts' + query({ q: text.trim(), list: v ?? '' }), { replace: true })} data-testid="find-list" />
        </div>
        <Panel testid="found"><Answer q={q} list={list} /></Panel>
      </div>
    </Page>
  );
}

import { Button, Table, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useContacts } from '../../api/queries';
import { phoneText, useFormats } from '../../lib/format';
import { Joined } from '../../ui/Joined';
import { Empty, Load, Panel, Scroll } from '../../ui/ui';
import css from './lists.module.css';

export function Contacts({ listID, total }: { listID: string; total: number | undefined }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [q, setQ] = useState('');
  const [needle] = useDebouncedValue(q.trim(), 300);
  // Cursors of the pages gone through; the last one is shown.
  const [pages, setPages] = useState<string[]>(['']);
  const contacts = useContacts(listID, needle, pages.at(-1) ?? '');
  const search = (
    <TextInput size="xs" w={220} placeholder={t('lists.searchContacts')} aria-label={t('lists.searchContacts')} value={q}
      leftSection={<IconSearch size={14} />} data-testid="contact-search"
      onChange={(e) => {
        setQ(e.currentTarget.value);
        setPages(['']);
      }} />
  );
  const next = contacts.data?.next ?? '';
  return (
    <Panel title={<>{t('lists.contacts')} {total !== undefined && <span className="num" data-testid="list-total">{f.number(total)}</span>}</>} aside={search} testid="contacts">
      <Load query={contacts} empty={(c) => c.items.length === 0}
        whenEmpty={needle ? <Empty title={t('lists.noMatch')} /> : <Empty title={t('lists.noContacts')} hint={t('lists.noContactsHint')} />}>
        {(c) => (
          <Scroll>
            <Table>
              <Table.Thead>
                <Table.Tr><Table.Th>{t('lists.person')}</Table.Th><Table.Th>{t('lists.phone')}</Table.Th><Table.Th>{t('lists.zone')}</Table.Th><Table.Th>{t('lists.fields')}</Table.Th></Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {c.items.map((p) => {
                  const fields = Object.entries(p.fields ?? {}).map(([k, v]) => `${k}: ${v}`);
                  return (
                    <Table.Tr key={p.id} data-testid="contact-row" data-phone={p.phone}>
                      <Table.Td maw={260}><div className="truncate" title={p.name}><Link href={`/contacts/${p.id}`}>{p.name || phoneText(p.phone)}</Link></div></Table.Td>
                      <Table.Td className="num" style={{ whiteSpace: 'nowrap' }}>{phoneText(p.phone)}</Table.Td>
                      <Table.Td>{(p.zones ?? []).join(', ')}</Table.Td>
                      <Table.Td className={css.fieldsCell}><div className="truncate" title={fields.join(' · ')}><Joined parts={fields} /></div></Table.Td>
                    </Table.Tr>
                  );
                })}
              </Table.Tbody>
            </Table>
          </Scroll>
        )}
      </Load>
      {(pages.length > 1 || next) && (
        <div className={css.pager}>
          <Button size="xs" variant="default" disabled={pages.length < 2} onClick={() => setPages((p) => p.slice(0, -1))} data-testid="page-previous">{t('act.previous')}</Button>
          <Button size="xs" variant="default" disabled={!next} onClick={() => setPages((p) => [...p, next])} data-testid="page-next">{t('act.next')}</Button>
        </div>
      )}
    </Panel>
  );
}

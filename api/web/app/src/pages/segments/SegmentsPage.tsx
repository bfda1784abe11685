import { Button, Table, Tabs, Text, TextInput } from '@mantine/core';
import { useInViewport } from '@mantine/hooks';
import { IconFilter, IconPlus, IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { useLists } from '../../api/queries';
import { clock } from '../../lib/clock';
import { useFormats } from '../../lib/format';
import { may, useUser } from '../../lib/session';
import { Empty, Load, Page, Panel, Scroll, StatePill } from '../../ui/ui';
import { useCount, useSegmentations, useSegments, type Segment, type Segmentation } from './api';
import { CountText } from './CountText';
import css from './segments.module.css';

const SHOWN = 100;

function Row({ segment, lists }: { segment: Segment; lists: Map<string, string> }) {
  const { t } = useTranslation();
  const { ref, inViewport } = useInViewport<HTMLTableRowElement>();
  const count = useCount(segment, inViewport);
  const where = segment.list_ids.length === 0 ? t('segments.allLists') : segment.list_ids.map((id) => lists.get(id) ?? '…').join(', ');
  return (
    <Table.Tr ref={ref} data-testid="segment-row" data-segment={segment.id}>
      <Table.Td><div className="truncate" title={segment.name}><Link href={`/segments/${segment.id}`}>{segment.name}</Link></div></Table.Td>
      <Table.Td>{count.data ? <CountText count={count.data} /> : <span className={css.soft}>{count.isError ? t('segments.notCounted') : '…'}</span>}</Table.Td>
      <Table.Td className={css.filterCell}><div className="truncate" title={segment.filter}>{segment.filter}</div></Table.Td>
      <Table.Td className={css.soft}><div className="truncate" title={where}>{where}</div></Table.Td>
    </Table.Tr>
  );
}

function SetRow({ set, names }: { set: Segmentation; names: Map<string, string> }) {
  const { t } = useTranslation();
  const f = useFormats();
  const parts = set.segment_ids.map((id) => names.get(id) ?? '…').join(' · ');
  const c = set.check;
  return (
    <Table.Tr data-testid="set-row">
      <Table.Td><div className="truncate" title={set.name}><Link href={`/segments/sets/${set.id}`}>{set.name}</Link></div></Table.Td>
      <Table.Td className={css.soft}><div className="truncate" title={parts}>{parts}</div></Table.Td>
      <Table.Td>{c ? <StatePill state={c.sound ? 'good' : 'bad'}>{t(c.sound ? 'segments.sound' : 'segments.overlapping')}</StatePill> : <span className={css.soft}>{t('segments.neverChecked')}</span>}</Table.Td>
      <Table.Td className={css.soft}>{c && f.relative(c.at, clock.now())}</Table.Td>
    </Table.Tr>
  );
}

function Segments({ create }: { create: React.ReactNode }) {
  const { t } = useTranslation();
  const f = useFormats();
  const segments = useSegments();
  const lists = new Map((useLists().data ?? []).map((l) => [l.id, l.name]));
  const [q, setQ] = useState('');
  const [most, setMost] = useState(SHOWN);
  const needle = useDeferredValue(q.trim().toLowerCase());
  return (
    <Panel aside={(
      <TextInput size="xs" w={220} placeholder={t('segments.find')} aria-label={t('segments.find')} value={q} onChange={(e) => setQ(e.currentTarget.value)} leftSection={<IconSearch size={14} />} />
    )}>
      <Load query={segments} empty={(s) => s.length === 0}
        whenEmpty={<Empty icon={<IconFilter size={36} stroke={1.4} />} title={t('segments.empty')} hint={t('segments.emptyHint')} action={create} />}>
        {(all) => {
          const rows = all.filter((s) => s.name.toLowerCase().includes(needle) || s.filter.toLowerCase().includes(needle));
          if (rows.length === 0) return <Empty title={t('segments.noMatch')} />;
          return (
            <>
              <Scroll>
                <Table className={css.table}>
                  <Table.Thead>
                    <Table.Tr><Table.Th w="26%">{t('lists.name')}</Table.Th><Table.Th w="20%">{t('lists.contacts')}</Table.Th><Table.Th>{t('segments.text')}</Table.Th><Table.Th w="20%">{t('segments.lists')}</Table.Th></Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>{rows.slice(0, most).map((s) => <Row key={s.id} segment={s} lists={lists} />)}</Table.Tbody>
                </Table>
              </Scroll>
              {rows.length > most && (
                <div className={css.pager}>
                  <Text size="xs" c="dimmed">{t('lists.someOf', { n: f.number(most), all: f.number(rows.length) })}</Text>
                  <Button size="xs" variant="default" onClick={() => setMost((n) => n + 200)}>{t('lists.more')}</Button>
                </div>
              )}
            </>
          );
        }}
      </Load>
    </Panel>
  );
}

function Sets({ create }: { create: React.ReactNode }) {
  const { t } = useTranslation();
  const sets = useSegmentations();
  const names = new Map((useSegments().data ?? []).map((s) => [s.id, s.name]));
  return (
    <Panel>
      <Load query={sets} empty={(s) => s.length === 0} whenEmpty={<Empty title={t('segments.noSets')} hint={t('segments.noSetsHint')} action={create} />}>
        {(all) => (
          <Scroll>
            <Table className={css.table}>
              <Table.Thead>
                <Table.Tr><Table.Th w="28%">{t('lists.name')}</Table.Th><Table.Th>{t('segments.title')}</Table.Th><Table.Th w={170}>{t('segments.check')}</Table.Th><Table.Th w={130}>{t('segments.checkedAt')}</Table.Th></Table.Tr>
              </Table.Thead>
              <Table.Tbody>{all.map((s) => <SetRow key={s.id} set={s} names={names} />)}</Table.Tbody>
            </Table>
          </Scroll>
        )}
      </Load>
    </Panel>
  );
}

export default function SegmentsPage({ tab }: { tab: 'segments' | 'sets' }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const manage = may(useUser(), 'manage');
  const create = manage && (tab === 'segments'
    ? <Button component={Link} href="/segments/new" leftSection={<IconPlus size={16} />} data-testid="create-segment">{t('segments.create')}</Button>
    : <Button component={Link} href="/segments/sets/new" leftSection={<IconPlus size={16} />} data-testid="create-set">{t('segments.createSet')}</Button>);
  return (
    <Page title={t('segments.title')} actions={create}>
      <Tabs value={tab} onChange={(v) => go(v === 'sets' ? '/segments/sets' : '/segments')} keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="segments" data-testid="tab-segments">{t('segments.title')}</Tabs.Tab>
          <Tabs.Tab value="sets" data-testid="tab-sets">{t('segments.sets')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="segments"><Segments create={create} /></Tabs.Panel>
        <Tabs.Panel value="sets"><Sets create={create} /></Tabs.Panel>
      </Tabs>
    </Page>
  );
}

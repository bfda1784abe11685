import { ActionIcon, Button, Checkbox, NumberInput, Select, Table, TextInput, Tooltip, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBellRinging, IconLock, IconPlayerPlay, IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useSearch } from 'wouter';
import { useUsers } from '../../api/queries';
import type { Campaign, Recording } from '../../api/types';
import { clockText, phoneText, useFormats } from '../../lib/format';
import { useUser } from '../../lib/session';
import { Empty, Load, Scroll } from '../../ui/ui';
import { dispositionName } from '../agent/names';
import { toneOf } from '../quality/score';
import { Score } from '../quality/SheetForm';
import { addressOf, PAGE, useRecordings, wantedOf, type Cursor, type Wanted } from './api';
import css from './calls.module.css';

interface RowsProps {
  rows: Recording[];
  campaigns: Campaign[];
  playing: string;
  play: (id: string) => void;
}

/** The score of a call, or the way to give it one. */
function ScoreCell({ r }: { r: Recording }) {
  const { t } = useTranslation();
  if (typeof r.score === 'number' && r.evaluation_id) return <Link href={`/quality/evaluations/${r.evaluation_id}`} data-testid="rec-scored"><Score score={r.score} tone={toneOf(r.score)} /></Link>;
  if (!r.agent_id) return <>–</>;
  return <Link href={`/quality/score/${r.attempt_id}`} className={css.give} data-testid="rec-give">{t('quality.scoreIt')}</Link>;
}

function Rows({ rows, campaigns, playing, play }: RowsProps) {
  const { t } = useTranslation();
  const f = useFormats();
  return (
    <Scroll>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={50}><VisuallyHidden>{t('board.actions')}</VisuallyHidden></Table.Th><Table.Th>{t('calls.when')}</Table.Th><Table.Th>{t('calls.number')}</Table.Th><Table.Th>{t('calls.contact')}</Table.Th>
            <Table.Th>{t('calls.campaign')}</Table.Th><Table.Th>{t('calls.agent')}</Table.Th><Table.Th>{t('calls.result')}</Table.Th><Table.Th ta="right">{t('calls.duration')}</Table.Th><Table.Th ta="right">{t('quality.scoreNoun')}</Table.Th><Table.Th>{t('tape.recorded')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((r) => (
            <Table.Tr key={r.attempt_id} data-testid="recording-row" data-attempt={r.attempt_id}>
              <Table.Td>
                <Tooltip label={t('calls.play')}><ActionIcon variant={playing === r.attempt_id ? 'filled' : 'light'} size="sm" onClick={() => play(r.attempt_id)} aria-label={t('calls.play')} data-testid="play"><IconPlayerPlay size={13} /></ActionIcon></Tooltip>
              </Table.Td>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>{f.dateTime(r.created_at)}</Table.Td>
              <Table.Td className="num" style={{ whiteSpace: 'nowrap' }}>{phoneText(r.phone)}</Table.Td>
              <Table.Td maw={150}><div className="truncate" title={r.contact}><Link href={`/contacts/${r.contact_id}`}>{r.contact || '–'}</Link></div></Table.Td>
              <Table.Td maw={150}><div className="truncate" title={r.campaign}>{r.campaign}</div></Table.Td>
              <Table.Td maw={140}><div className="truncate" title={r.agent}>{r.agent}</div></Table.Td>
              <Table.Td maw={150}><div className="truncate">{r.disposition && dispositionName(campaigns.find((c) => c.id === r.campaign_id)?.settings?.dispositions, r.disposition)}</div></Table.Td>
              <Table.Td ta="right" className="num">{clockText(r.duration_ms / 1000)}</Table.Td>
              <Table.Td ta="right"><ScoreCell r={r} /></Table.Td>
              <Table.Td>
                <Tooltip label={`${r.format ?? 'wav'}, ${f.bytes(r.bytes)}, SHA-256 ${r.sha256.slice(0, 12)}…`}>
                  <span className={css.how} tabIndex={0}>
                    {r.policy ? t(`tape.policies.${r.policy}`) : '–'}{r.policy === 'percent' && r.percent ? ` (${r.percent} %)` : ''}
                    {r.announced && <IconBellRinging size={14} aria-label={t('tape.mark.announced')} />}{r.held && <IconLock size={14} aria-label={t('tape.held')} />}
                  </span>
                </Tooltip>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}

function Filters({ wanted, campaigns, change }: { wanted: Wanted; campaigns: Campaign[]; change: (w: Partial<Wanted>) => void }) {
  const { t } = useTranslation();
  const admin = useUser().role === 'admin';
  const [typed, setTyped] = useState({ phone: wanted.phone, question: wanted.question, answer: wanted.answer });
  const [settled] = useDebouncedValue(typed, 350);
  useEffect(() => {
    if (settled.phone !== wanted.phone || settled.question !== wanted.question || settled.answer !== wanted.answer) change(settled);
    // Only what was typed moves the address; the address's own change comes from here.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [settled]);
  const results = new Map(campaigns.filter((c) => !wanted.campaign || c.id === wanted.campaign).flatMap((c) => c.settings?.dispositions ?? []).map((d) => [d.code, d]));
  const seconds = (key: 'least' | 'most' | 'score' | 'scoreTo', label: string) => (
    <NumberInput size="xs" w={105} aria-label={label} placeholder={label} min={0} max={key === 'score' || key === 'scoreTo' ? 100 : undefined} allowDecimal={false} hideControls value={wanted[key] === '' ? '' : Number(wanted[key])} onChange={(v) => change({ [key]: v === '' ? '' : String(v) })} data-testid={`rec-${key}`} />
  );
  const date = (key: 'from' | 'to', label: string) => (
    <TextInput size="xs" type="date" aria-label={label} title={label} value={wanted[key]} onChange={(e) => change({ [key]: e.currentTarget.value })} data-testid={`rec-${key}`} />
  );
  return (
    <div className={css.filters} role="search" aria-label={t('calls.recordings')}>
      <TextInput size="xs" w={160} placeholder={t('calls.searchNumber')} aria-label={t('calls.searchNumber')} leftSection={<IconSearch size={14} />} value={typed.phone}
        onChange={(e) => setTyped({ ...typed, phone: e.currentTarget.value })} data-testid="rec-phone" />
      {admin && <Agents value={wanted.agent} change={(agent) => change({ agent })} />}
      <Select size="xs" w={170} clearable searchable placeholder={t('calls.result')} aria-label={t('calls.result')} value={wanted.result || null} onChange={(v) => change({ result: v ?? '' })}
        data={[...results.values()].map((d) => ({ value: d.code, label: dispositionName([d], d.code) }))} data-testid="rec-result" />
      {seconds('least', t('tape.least'))}{seconds('most', t('tape.most'))}
      {seconds('score', t('quality.scoreFrom'))}{seconds('scoreTo', t('quality.scoreTo'))}
      {date('from', t('tape.from'))}{date('to', t('tape.to'))}
      <TextInput size="xs" w={130} placeholder={t('tape.question')} aria-label={t('tape.question')} maxLength={80} value={typed.question} onChange={(e) => setTyped({ ...typed, question: e.currentTarget.value })} data-testid="rec-question" />
      <TextInput size="xs" w={130} placeholder={t('tape.answer')} aria-label={t('tape.answer')} maxLength={500} disabled={!typed.question} value={typed.answer} onChange={(e) => setTyped({ ...typed, answer: e.currentTarget.value })} data-testid="rec-answer" />
      <Checkbox size="xs" label={t('tape.held')} checked={!!wanted.held} onChange={(e) => change({ held: e.currentTarget.checked ? '1' : '' })} data-testid="rec-held" />
    </div>
  );
}

function Agents({ value, change }: { value: string; change: (id: string) => void }) {
  const { t } = useTranslation();
  const users = useUsers();
  return <Select size="xs" w={150} clearable searchable placeholder={t('calls.agent')} aria-label={t('calls.agent')} value={value || null} onChange={(v) => change(v ?? '')}
    data={(users.data ?? []).filter((u) => u.role === 'agent').map((u) => ({ value: u.id, label: u.name }))} data-testid="rec-agent" />;
}

/** Recordings by what is known of them. What is asked stands in the address, so that it can be kept and passed on. */
export function Recordings({ campaign, campaigns, playing, play }: { campaign: string } & Omit<RowsProps, 'rows'>) {
  const { t } = useTranslation();
  const search = useSearch();
  const [, go] = useLocation();
  const wanted = { ...wantedOf(search), campaign };
  const [cursors, setCursors] = useState<Cursor[]>([]);
  const recordings = useRecordings(wanted, cursors.at(-1));
  const change = (w: Partial<Wanted>) => {
    setCursors([]);
    go(addressOf({ ...wanted, ...w }), { replace: true });
  };
  const last = recordings.data?.at(-1);
  const full = recordings.data?.length === PAGE;
  return (
    <>
      <Filters wanted={wanted} campaigns={campaigns} change={change} />
      <Load query={recordings} empty={(r) => r.length === 0 && cursors.length === 0} whenEmpty={<Empty title={t('calls.noRecordings')} hint={search.includes('=') ? t('tape.noMatch') : t('calls.noRecordingsHint')} />}>
        {(rows) => <Rows rows={rows} campaigns={campaigns} playing={playing} play={play} />}
      </Load>
      {(cursors.length > 0 || full) && (
        <div className={css.pager}>
          <Button size="xs" variant="default" disabled={!cursors.length} onClick={() => setCursors(cursors.slice(0, -1))}>{t('tape.newer')}</Button>
          <Button size="xs" variant="default" disabled={!full || !last} onClick={() => last && setCursors([...cursors, { before: last.created_at, before_id: last.attempt_id }])} data-testid="rec-older">{t('calls.older')}</Button>
        </div>
      )}
    </>
  );
}

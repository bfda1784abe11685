import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { BoardAgent, BoardCall } from '../../api/types';
import { codeName } from '../../i18n';
import { phoneText } from '../../lib/format';
import { useStableList } from '../../lib/stable';
import { useItem, useItems } from '../../stream/context';
import { Empty, Panel, StatePill, Timer } from '../../ui/ui';
import css from './board.module.css';

const SHOWN = 300;

const CallRow = memo(function CallRow({ itemKey }: { itemKey: string }) {
  useTranslation(); // its words change with the language
  const c = useItem<BoardCall>('board', itemKey);
  const agent = useItem<BoardAgent>('board', 'agent/' + (c?.agent_id ?? ''))?.name ?? '';
  if (!c) return null;
  const state = c.state.toLowerCase();
  const name = c.contact_name || '–';
  return (
    <div className={`${css.row} ${css.callRow}`} role="row" data-testid="call-row" data-call={c.attempt_id}>
      <div role="cell" className="num" title={c.phone}>{phoneText(c.phone)}</div>
      <div role="cell" title={name}>{c.contact_id ? <Link href={`/contacts/${c.contact_id}`}>{name}</Link> : name}</div>
      <div role="cell"><StatePill state={state === 'waiting' ? 'warn' : state}>{codeName('callState', state)}</StatePill></div>
      <div role="cell" className={css.time}><Timer at={c.since} /></div>
      <div role="cell" title={agent}>{agent}</div>
    </div>
  );
});

const Rows = memo(function Rows({ keys, more }: { keys: string[]; more: number }) {
  const { t } = useTranslation();
  return (
    <div className={css.grid} role="table" aria-label={t('board.calls')}>
      <div className={`${css.row} ${css.callRow} ${css.rowHead}`} role="row">
        <div role="columnheader">{t('board.number')}</div>
        <div role="columnheader">{t('board.contact')}</div>
        <div role="columnheader">{t('board.state')}</div>
        <div role="columnheader" className={css.time}>{t('board.time')}</div>
        <div role="columnheader">{t('board.agent')}</div>
      </div>
      {keys.map((key) => <CallRow key={key} itemKey={key} />)}
      {more > 0 && <div className={css.row}>{t('board.moreCalls', { n: more })}</div>}
    </div>
  );
});

/** Calls under way, the longest first. */
export function CallsTable() {
  const { t } = useTranslation();
  const calls = useItems<BoardCall>('board', 'call/');
  const sorted = [...calls].sort(([, a], [, b]) => a.since.localeCompare(b.since));
  const keys = useStableList(sorted.slice(0, SHOWN).map(([key]) => key));
  return (
    <Panel title={<>{t('board.calls')} <span className="num">{calls.length}</span></>} testid="calls">
      {calls.length === 0 ? <Empty title={t('board.noCalls')} /> : <Rows keys={keys} more={sorted.length - keys.length} />}
    </Panel>
  );
}

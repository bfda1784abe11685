import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { BoardAgent, BoardCall } from '../../api/types';
import { codeName } from '../../i18n';
import { phoneText } from '../../lib/format';
import { useHand, useHeldOrder } from '../../lib/hand';
import { byTime } from '../../lib/order';
import { useStableList } from '../../lib/stable';
import { useItem, useItems } from '../../stream/context';
import { Empty, Panel, StatePill, Timer } from '../../ui/ui';
import { Windowed } from '../../ui/Windowed';
import css from './board.module.css';

const ROW = 37; // pixels, as board.module.css has it

const CallRow = memo(function CallRow({ itemKey }: { itemKey: string }) {
  useTranslation(); // its words change with the language
  const c = useItem<BoardCall>('board', itemKey);
  const agent = useItem<BoardAgent>('board', 'agent/' + (c?.agent_id ?? ''))?.name ?? '';
  if (!c) return null;
  const state = c.state.toLowerCase();
  const name = c.contact_name || '–';
  return (
    <div className={`${css.row} ${css.callRow}`} data-testid="call-row" data-call={c.attempt_id}>
      <div role="cell" className="num" title={c.phone}>{phoneText(c.phone)}</div>
      <div role="cell" title={name}>{c.contact_id ? <Link href={`/contacts/${c.contact_id}`}>{name}</Link> : name}</div>
      <div role="cell"><StatePill state={state === 'waiting' ? 'warn' : state}>{codeName('callState', state)}</StatePill></div>
      <div role="cell" className={css.time}><Timer at={c.since} /></div>
      <div role="cell" title={agent}>{agent}</div>
    </div>
  );
});

const row = (key: string) => <CallRow itemKey={key} />;

const Rows = memo(function Rows({ keys }: { keys: string[] }) {
  const { t } = useTranslation();
  const head = (
    <div className={`${css.row} ${css.callRow} ${css.rowHead}`} role="row" aria-rowindex={1}>
      <div role="columnheader">{t('board.number')}</div>
      <div role="columnheader">{t('board.contact')}</div>
      <div role="columnheader">{t('board.state')}</div>
      <div role="columnheader" className={css.time}>{t('board.time')}</div>
      <div role="columnheader">{t('board.agent')}</div>
    </div>
  );
  return <Windowed keys={keys} height={ROW} label={t('board.calls')} className={css.grid} head={head} row={row} />;
});

/** Calls under way, the longest first. */
export function CallsTable() {
  const { t } = useTranslation();
  const calls = useItems<BoardCall>('board', 'call/');
  const hand = useHand();
  const sorted = [...calls].sort(([, a], [, b]) => byTime(a.since, b.since)).map(([key]) => key);
  const keys = useStableList(useHeldOrder(sorted, hand.held, ''));
  return (
    <Panel title={<>{t('board.calls')} <span className="num">{calls.length}</span></>} testid="calls">
      {keys.length === 0 ? <Empty title={t('board.noCalls')} /> : <div {...hand.on}><Rows keys={keys} /></div>}
    </Panel>
  );
}

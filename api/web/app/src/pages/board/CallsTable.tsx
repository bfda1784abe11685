import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { BoardCall } from '../../api/types';
import { codeName } from '../../i18n';
import { phoneText } from '../../lib/format';
import { useItem } from '../../stream/context';
import { Empty, Panel, StatePill, Timer } from '../../ui/ui';
import css from './board.module.css';

const SHOWN = 300;

const CallRow = memo(function CallRow({ itemKey, agent }: { itemKey: string; agent: string }) {
  const c = useItem<BoardCall>('board', itemKey);
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

export function CallsTable({ calls, agentNames }: { calls: [string, BoardCall][]; agentNames: Map<string, string> }) {
  const { t } = useTranslation();
  const sorted = [...calls].sort(([, a], [, b]) => a.since.localeCompare(b.since));
  return (
    <Panel title={<>{t('board.calls')} <span className="num">{calls.length}</span></>} testid="calls">
      {calls.length === 0 ? <Empty title={t('board.noCalls')} /> : (
        <div className={css.grid} role="table" aria-label={t('board.calls')}>
          <div className={`${css.row} ${css.callRow} ${css.rowHead}`} role="row">
            <div role="columnheader">{t('board.number')}</div>
            <div role="columnheader">{t('board.contact')}</div>
            <div role="columnheader">{t('board.state')}</div>
            <div role="columnheader" className={css.time}>{t('board.time')}</div>
            <div role="columnheader">{t('board.agent')}</div>
          </div>
          {sorted.slice(0, SHOWN).map(([key, c]) => <CallRow key={key} itemKey={key} agent={agentNames.get(c.agent_id ?? '') ?? ''} />)}
          {sorted.length > SHOWN && <div className={css.row}>{t('board.moreCalls', { n: sorted.length - SHOWN })}</div>}
        </div>
      )}
    </Panel>
  );
}

import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { codeName } from '../../i18n';
import { phoneText, useFormats } from '../../lib/format';
import { toastProblem } from '../../ui/toast';
import { Panel } from '../../ui/ui';
import { useDecide, useFindNear, useNearDuplicates, type NearContact, type NearDuplicate } from './api';
import css from './imports.module.css';

const SHOWN = 50;

function Side({ of, other, keep, busy }: { of: NearContact; other: NearContact; keep: () => void; busy: boolean }) {
  const { t } = useTranslation();
  const names = [...new Set([...Object.keys(of.fields ?? {}), ...Object.keys(other.fields ?? {})])];
  const differ = (a: string | undefined, b: string | undefined) => ((a ?? '') === (b ?? '') ? undefined : true);
  return (
    <div className={css.side}>
      <dl>
        <div><dt>{t('lists.person')}</dt><dd data-differs={differ(of.name, other.name)}><Link href={`/contacts/${of.id}`}>{of.name || '–'}</Link></dd></div>
        <div><dt>{t('lists.phone')}</dt><dd className="num" data-differs={differ(of.phone, other.phone)}>{phoneText(of.phone)}</dd></div>
        {names.map((n) => <div key={n}><dt>{n}</dt><dd data-differs={differ(of.fields?.[n], other.fields?.[n])}>{of.fields?.[n] || '–'}</dd></div>)}
      </dl>
      <Button size="compact-sm" variant="light" disabled={busy} onClick={keep} data-testid="near-merge">{t('imports.keepThis')}</Button>
    </div>
  );
}

function Pair({ of, first, second }: { of: NearDuplicate; first: NearContact; second: NearContact }) {
  const { t } = useTranslation();
  const f = useFormats();
  const decide = useDecide();
  const say = (decision: 'merge' | 'different', keep?: string) => decide.mutate({ id: of.id, decision, keep }, { onError: toastProblem });
  return (
    <li className={css.pair} data-testid="near-pair">
      <div className={css.pairHead}>
        <b>{f.percent(of.score)}</b> <span className={css.soft}>{t('imports.alike', { why: of.why.map((w) => codeName('alike', w)).join(', ') })}</span>
        <Button size="compact-sm" variant="default" ml="auto" disabled={decide.isPending} onClick={() => say('different')} data-testid="near-different">{t('imports.different')}</Button>
      </div>
      <div className={css.sides}>
        <Side of={first} other={second} busy={decide.isPending} keep={() => say('merge', first.id)} />
        <Side of={second} other={first} busy={decide.isPending} keep={() => say('merge', second.id)} />
      </div>
    </li>
  );
}

/** Pairs of contacts of a list that may be one person: somebody looks and decides. fresh: they are looked for at once. */
export function NearDuplicates({ listID, fresh }: { listID: string; fresh: boolean }) {
  const { t } = useTranslation();
  const f = useFormats();
  const pairs = useNearDuplicates(listID).data ?? [];
  const find = useFindNear(listID);
  const begun = useRef(false);
  useEffect(() => {
    if (!fresh || begun.current) return;
    begun.current = true;
    find.mutate(undefined);
  });
  const look = (
    <Button size="compact-sm" variant="default" loading={find.isPending} onClick={() => find.mutate(undefined, { onError: toastProblem })} data-testid="near-find">{t('imports.findNear')}</Button>
  );
  return (
    <Panel title={<>{t('imports.near')} <span className="num">{f.number(pairs.length)}</span></>} aside={look} testid="near-duplicates">
      <p className={css.note}>{t(pairs.length > 0 ? 'imports.nearHint' : 'imports.noNear')}</p>
      <ul className={css.pairs}>{pairs.slice(0, SHOWN).map((p) => p.first && p.second && <Pair key={p.id} of={p} first={p.first} second={p.second} />)}</ul>
    </Panel>
  );
}

import { Button, Group, Table } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useCalibration, useCloseCalibration, type CalibrationWhole, type Spread } from '../../api/quality';
import { useFormats } from '../../lib/format';
import { Confirm } from '../../ui/confirm';
import { toastProblem } from '../../ui/toast';
import { Load, Page, Panel, Scroll, StatePill } from '../../ui/ui';
import css from './quality.module.css';
import { questionsOf, toneOf } from './score';
import { Score } from './SheetForm';

/** From the lowest to the highest answer, with the mean and what is right. */
function Range({ s, words }: { s: Spread; words: string }) {
  return (
    <svg className={css.range} role="img" aria-label={words}>
      <line x1="0" x2="100%" y1="8" y2="8" className={css.axis} />
      <rect x={`${s.least}%`} width={`${Math.max(0.5, s.most - s.least)}%`} y="5" height="6" rx="3" className={css.reach} />
      <circle cx={`${s.mean}%`} cy="8" r="4" className={css.mean} />
      <line x1={`${s.right}%`} x2={`${s.right}%`} y1="1" y2="15" className={css.right} />
    </svg>
  );
}

function Results({ b }: { b: CalibrationWhole }) {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  const away = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1, signDisplay: 'exceptZero' });
  const text = new Map(questionsOf(b.body).map((q) => [q.id, q.text]));
  const said = (id: string, user: string) => {
    const a = b.judges.find((j) => j.user_id === user)?.sheet?.answers.find((x) => x.question === id);
    return a ? (a.points === null ? t('quality.na') : String(a.points)) : '–';
  };
  const judges = b.judges.filter((j) => j.sheet);
  return (
    <>
      <Panel title={t('quality.byQuestion')} className={css.below}>
        <Scroll label={t('quality.byQuestion')}>
          <Table className={css.table} data-testid="spreads">
            <Table.Thead><Table.Tr>
              <Table.Th>{t('quality.questionNoun')}</Table.Th><Table.Th w={200}>{t('quality.range')}</Table.Th><Table.Th ta="right">{t('quality.sd')}</Table.Th><Table.Th ta="right">{t('quality.distance')}</Table.Th><Table.Th ta="right">{t('quality.agree')}</Table.Th>
              {judges.map((j) => <Table.Th key={j.user_id} ta="right" className={css.judge} title={j.name}>{j.name}</Table.Th>)}
            </Table.Tr></Table.Thead>
            <Table.Tbody>
              {b.spreads.map((s) => (
                <Table.Tr key={s.question} data-testid="spread">
                  <Table.Td className={css.wide} title={text.get(s.question)}>{text.get(s.question)}</Table.Td>
                  <Table.Td>{s.n > 0 && <Range s={s} words={t('quality.rangeWords', { least: number.format(s.least), most: number.format(s.most), mean: number.format(s.mean), right: number.format(s.right) })} />}</Table.Td>
                  <Table.Td ta="right" className="num">{number.format(s.sd)}</Table.Td>
                  <Table.Td ta="right" className="num">{number.format(s.distance)}</Table.Td>
                  <Table.Td ta="right" className="num">{f.percent(s.agree)}</Table.Td>
                  {judges.map((j) => <Table.Td key={j.user_id} ta="right" className="num" data-reference={j.reference || undefined}>{said(s.question, j.user_id)}</Table.Td>)}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Scroll>
        <p className={css.note}>{t('quality.spreadHint')}</p>
      </Panel>
      <Panel title={t('quality.byEvaluator')} className={css.below}>
        <Scroll>
          <Table className={css.table} data-testid="judges">
            <Table.Thead><Table.Tr><Table.Th>{t('quality.evaluator')}</Table.Th><Table.Th>{t('quality.scoreNoun')}</Table.Th><Table.Th ta="right">{t('quality.distanceScore')}</Table.Th><Table.Th ta="right">{t('quality.distanceLine')}</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {b.judges.map((j) => (
                <Table.Tr key={j.user_id}>
                  <Table.Td className={css.cut}>{j.name}{j.reference && <>&ensp;<StatePill state="info">{t('quality.reference')}</StatePill></>}</Table.Td>
                  <Table.Td>{j.submitted ? <Score score={j.score} tone={toneOf(j.score)} /> : '–'}</Table.Td>
                  <Table.Td ta="right" className="num">{j.submitted ? away.format(j.distance) : '–'}</Table.Td>
                  <Table.Td ta="right" className="num">{j.submitted ? number.format(j.by_line) : '–'}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Scroll>
        <p className={css.note}>{t('quality.meanOfAll', { mean: number.format(b.mean), sd: number.format(b.sd) })}</p>
      </Panel>
    </>
  );
}

function Body({ b }: { b: CalibrationWhole }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [asking, setAsking] = useState(false);
  const close = useCloseCalibration(b.id);
  return (
    <>
      <Panel>
        <Group gap={18} p="md" className={css.about}>
          <span>{t('quality.agent')} <b>{b.agent}</b></span><span>{t('quality.called')} <b>{f.dateTime(b.called_at)}</b></span><span>{t('quality.card')} <b>{b.card} · {b.card_version}</b></span><span>{t('quality.begunBy')} <b>{b.created_by}</b></span>
          <StatePill state={b.closed_at ? 'plain' : 'info'}>{t(b.closed_at ? 'quality.closed' : 'quality.blind')}</StatePill>
        </Group>
        {!b.closed_at && (
          <>
            <ul className={css.judges} data-testid="asked">{b.judges.map((j) => <li key={j.user_id}><span className="truncate">{j.name}</span>{j.reference && <StatePill state="info">{t('quality.reference')}</StatePill>}<StatePill state={j.submitted ? 'good' : 'plain'}>{t(j.submitted ? 'quality.hasScored' : 'quality.toScore')}</StatePill></li>)}</ul>
            <Group p="md" gap={10}>
              {b.mine && !b.done && <Button component={Link} href={`/quality/score/${b.attempt_id}?calibration=${b.id}`} data-testid="calibration-score">{t('quality.scoreIt')}</Button>}
              <Button variant="default" disabled={b.submitted < 2} onClick={() => setAsking(true)} data-testid="calibration-close">{t('quality.closeIt')}</Button>
              <span className={css.soft}>{t('quality.blindHint')}</span>
            </Group>
          </>
        )}
      </Panel>
      {b.closed_at && <Results b={b} />}
      <Confirm opened={asking} title={t('quality.closeAsk')} hint={t('quality.closeHint', { n: b.asked - b.submitted })} action={t('quality.closeIt')} busy={close.isPending} onClose={() => setAsking(false)} onConfirm={() => close.mutate(undefined, { onError: toastProblem, onSettled: () => setAsking(false) })} />
    </>
  );
}

/** One calibration: who has scored; once it is closed, where they part. */
export function CalibrationPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const b = useCalibration(id);
  return <Page title={b.data?.title ?? t('quality.tab.calibration')}><Load query={b}>{(x) => <Body b={x} />}</Load></Page>;
}

import { Table, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Campaign, SimulatedCase, SimulationAnswer, Value } from '../../api/types';
import { codeName } from '../../i18n';
import { useFormats } from '../../lib/format';
import { Plot } from '../../ui/Plot';
import { Panel, Scroll } from '../../ui/ui';
import { Dots } from './Dots';
import { compared } from './question';
import { Staffing } from './Staffing';
import css from './whatif.module.css';

/** Writers of values with their intervals. */
export function useValues() {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const percent = new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 1, minimumFractionDigits: 1 });
    const one = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
    const whole = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 0 });
    const points = (v: number) => one.format(100 * v);
    return {
      percent: (v: Value) => `${percent.format(v.mean)} ± ${points(v.half)}`,
      one: (v: Value) => `${one.format(v.mean)} ± ${one.format(v.half)}`,
      whole: (v: Value) => `${whole.format(v.mean)} ± ${whole.format(v.half)}`,
      plain: { percent: (v: number) => percent.format(v), one: (v: number) => one.format(v), whole: (v: number) => whole.format(v) },
    };
  }, [i18n.language]);
}

function useCaseName() {
  const { t } = useTranslation();
  const f = useFormats();
  return (c: SimulatedCase) => {
    const mode = codeName('mode', c.mode) + (c.mode === 'power' ? ` × ${f.number(c.ratio)}` : '');
    return c.name === 'as_now' ? t('whatif.caseNow', { mode }) : c.name === 'asked' ? t('whatif.caseAsked', { mode }) : mode;
  };
}

function Basis({ a }: { a: SimulationAnswer }) {
  const { t } = useTranslation();
  const f = useFormats();
  const v = useValues().plain;
  const b = a.basis;
  return (
    <div className={css.basis}>
      <Text size="sm" c="dimmed">{t('whatif.basis', { calls: f.number(b.calls), days: f.number(b.days), rate: f.percent(b.answer_rate), ring: v.whole(b.ring), talk: v.whole(b.talk), wrapUp: v.whole(b.wrap_up), runs: f.number(a.runs) })}</Text>
      {b.notes.map((n) => <Text key={n} size="sm" c="dimmed"><IconInfoCircle size={14} style={{ verticalAlign: -2 }} aria-hidden /> {codeName('simulationNote', n)}</Text>)}
    </div>
  );
}

const minuteText = (m: number) => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(Math.round(m % 60)).padStart(2, '0')}`;

/** The day's course as now and as asked: where the two have other hours, each over its own. */
function Courses({ now, asked, cap }: { now: SimulatedCase; asked: SimulatedCase; cap: number }) {
  const { t } = useTranslation();
  const v = useValues().plain;
  const minutes = [...new Set([...now.course, ...asked.course].map((s) => s.minute))].sort((a, b) => a - b);
  const of = (c: SimulatedCase, key: 'utilisation' | 'abandonment') => {
    const at = new Map(c.course.map((s) => [s.minute, s[key]]));
    return { values: minutes.map((m) => at.get(m)?.mean ?? null), half: minutes.map((m) => at.get(m)?.half ?? 0) };
  };
  const range: [number, number] = [minutes[0] ?? 0, (minutes.at(-1) ?? 0) + 15];
  const low = Math.min(...[now, asked].flatMap((c) => c.course.map((s) => s.utilisation.mean - s.utilisation.half)));
  const common = { x: minutes, xRange: range, xText: minuteText, xSteps: [15, 30, 60, 120, 180, 240, 360], yText: v.percent, height: 180 };
  return (
    <div className={css.two}>
      <Plot {...common} title={t('whatif.utilisation')} least={1} from={Math.max(0, Math.floor(low * 10) / 10)} lines={[
        { name: t('whatif.asNow'), ink: 'soft', ...of(now, 'utilisation') }, { name: t('whatif.asked'), ink: 'main', ...of(asked, 'utilisation') },
      ]} />
      <Plot {...common} title={t('whatif.abandonment')} least={2 * cap} lines={[
        { name: t('whatif.asNow'), ink: 'soft', ...of(now, 'abandonment') }, { name: t('whatif.asked'), ink: 'main', ...of(asked, 'abandonment') },
        { name: t('pacing.plot.cap'), ink: 'cap', dash: true, values: minutes.map(() => cap) },
      ]} />
    </div>
  );
}

function Cases({ cases }: { cases: SimulatedCase[] }) {
  const { t } = useTranslation();
  const f = useFormats();
  const v = useValues();
  const name = useCaseName();
  return (
    <Scroll>
      <Table horizontalSpacing={10} verticalSpacing={5} className={css.cases} data-testid="whatif-cases">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('whatif.case')}</Table.Th>
            {(['agentsShort', 'utilisation', 'abandonment', 'worst', 'idle', 'connects', 'dials', 'perTalk'] as const).map((k) => <Table.Th key={k} ta="right">{t(`whatif.${k}`)}</Table.Th>)}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {cases.map((c) => (
            <Table.Tr key={c.name} data-case={c.name} fw={c.name === 'asked' ? 600 : undefined}>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>{name(c)}</Table.Td>
              <Table.Td ta="right" className="num">{f.number(c.agents)}</Table.Td>
              <Table.Td ta="right" className="num">{v.percent(c.utilisation)}</Table.Td>
              <Table.Td ta="right" className="num">{v.percent(c.abandonment)}</Table.Td>
              <Table.Td ta="right" className="num">{v.percent(c.worst30)}</Table.Td>
              <Table.Td ta="right" className="num">{v.one(c.idle)}</Table.Td>
              <Table.Td ta="right" className="num">{v.whole(c.connects)}</Table.Td>
              <Table.Td ta="right" className="num">{v.whole(c.dials)}</Table.Td>
              <Table.Td ta="right" className="num">{v.one(c.dials_per_talk)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}

export function Answer({ answer, campaign }: { answer: SimulationAnswer; campaign: Campaign }) {
  const { t } = useTranslation();
  const v = useValues();
  const name = useCaseName();
  const cases = compared(answer.cases);
  const now = cases.find((c) => c.name === 'as_now');
  const asked = cases.find((c) => c.name === 'asked');
  if (!now || !asked) return null;
  const cap = asked.target;
  const dots = (of: (c: SimulatedCase) => Value) => cases.map((c) => ({ key: c.name, name: name(c), value: of(c), strong: c.name === 'asked' }));
  return (
    <>
      <Panel title={t('whatif.answer', { from: answer.from, until: answer.until })} testid="whatif-answer">
        <Basis a={answer} />
        <div className={css.two}>
          <Dots title={t('whatif.utilisation')} rows={dots((c) => c.utilisation)} text={v.plain.percent} most={1} />
          <Dots title={t('whatif.abandonment')} rows={dots((c) => c.abandonment)} text={v.plain.percent} most={2 * cap} mark={cap} markName={t('pacing.plot.cap')} />
        </div>
        <Courses now={now} asked={asked} cap={cap} />
        <Cases cases={cases} />
      </Panel>
      <Staffing rows={answer.staffing} cap={cap || campaign.settings.abandon_target} mode={asked.mode} />
    </>
  );
}

import { ActionIcon, Alert, Button, Group, NumberInput, Select, Table, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCampaigns } from '../../api/queries';
import { problemText } from '../../i18n/problem';
import { useFormats } from '../../lib/format';
import { toastOK } from '../../ui/toast';
import { Empty, Load, Panel, Scroll, StatePill } from '../../ui/ui';
import { FormDialog } from '../lists/parts';
import { useEndTest, useStartTest, useTests, type Diff, type Named, type Overview, type ScriptTest } from './api';
import { significant } from './report';
import { ShareText } from './ReportView';
import css from './scripts.module.css';

interface Draft { version: number; weight: number }

function StartDialog({ data, campaign, onClose }: { data: Overview; campaign: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [arms, setArms] = useState<Draft[]>(data.versions.slice(0, 2).map((v) => ({ version: v.version, weight: 50 })));
  const start = useStartTest(campaign);
  const all = arms.reduce((n, a) => n + a.weight, 0);
  const set = (i: number, c: Partial<Draft>) => setArms((now) => now.map((a, k) => (k === i ? { ...a, ...c } : a)));
  const twice = new Set(arms.map((a) => a.version)).size < arms.length;
  const submit = () => start.mutate({ name: name.trim(), arms: arms.map((a) => ({ ...a, script_id: data.id })) }, {
    onSuccess: () => {
      toastOK(t('scripts.testStarted'));
      onClose();
    },
  });
  return (
    <FormDialog title={t('scripts.startTest')} hint={t('scripts.startTestHint')} action={t('scripts.startTest')} busy={start.isPending} disabled={!name.trim() || arms.length < 2 || twice} testid="test-dialog" onClose={onClose} onSubmit={submit}>
      <TextInput label={t('lists.name')} maxLength={120} value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus />
      {arms.map((a, i) => (
        <Group key={i} gap={8} align="end" wrap="nowrap">
          <Select label={t('scripts.version')} allowDeselect={false} value={String(a.version)} onChange={(v) => set(i, { version: Number(v) })} data={data.versions.map((v) => ({ value: String(v.version), label: t('scripts.versionN', { n: v.version }) }))} />
          <NumberInput label={t('scripts.weight')} min={1} max={1000} allowDecimal={false} value={a.weight} onChange={(v) => set(i, { weight: Math.max(1, Number(v) || 1) })} w={110} />
          <span className={`num ${css.soft}`} style={{ paddingBottom: 8 }}>{Math.round((a.weight / all) * 100)} %</span>
          <ActionIcon variant="subtle" color="gray" mb={4} disabled={arms.length < 3} aria-label={`${t('act.remove')}: ${a.version}`} onClick={() => setArms((now) => now.filter((_, k) => k !== i))}><IconTrash size={15} /></ActionIcon>
        </Group>
      ))}
      <span><Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={13} />} disabled={arms.length >= Math.min(10, data.versions.length)} onClick={() => setArms((now) => [...now, { version: data.versions.find((v) => !now.some((a) => a.version === v.version))!.version, weight: 50 }])}>{t('scripts.addArm')}</Button></span>
      {twice && <Alert color="yellow" p="xs">{t('scripts.armTwice')}</Alert>}
      {start.error && <Alert color="red" p="xs" role="alert">{problemText(start.error)}</Alert>}
    </FormDialog>
  );
}

/** Which of the versions the campaign goes on with. */
export function EndDialog({ test, campaign, onClose }: { test: ScriptTest; campaign: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [winner, setWinner] = useState<string | null>(null);
  const end = useEndTest(campaign);
  const NONE = '-1';
  const submit = () => end.mutate({ test: test.id, winner: winner === NONE || winner === null ? undefined : Number(winner) }, { onSuccess: onClose });
  return (
    <FormDialog title={t('scripts.endTest')} hint={t('scripts.endTestHint')} action={t('scripts.endTest')} busy={end.isPending} disabled={winner === null} testid="end-dialog" onClose={onClose} onSubmit={submit}>
      <Select label={t('scripts.winner')} value={winner} onChange={setWinner} data-testid="test-winner" data={[...test.arms.map((a, i) => ({ value: String(i), label: t('scripts.armNamed', { name: a.name, n: a.version }) })), { value: NONE, label: t('scripts.noWinner') }]} />
      {end.error && <Alert color="red" p="xs" role="alert">{problemText(end.error)}</Alert>}
    </FormDialog>
  );
}

function Difference({ d, better }: { d: Diff; better: 'more' | 'less' }) {
  const { t, i18n } = useTranslation();
  const points = (v: number) => new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1, signDisplay: 'exceptZero' }).format(v * 100);
  const sure = significant(d);
  const good = d.diff > 0 === (better === 'more');
  return <div className="num"><StatePill state={!sure ? 'plain' : good ? 'good' : 'bad'}>{t('scripts.points', { diff: points(d.diff), low: points(d.low), high: points(d.high) })}</StatePill></div>;
}

/** What came of each version, with intervals, and how sure the differences are. */
export function TestPanel({ test, manage, onEnd }: { test: ScriptTest; manage: boolean; onEnd: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const diffs = new Map((test.differences ?? []).map((d) => [d.arm, d]));
  const sure = (test.differences ?? []).some((d) => significant(d.conversion) || significant(d.refusal) || significant(d.early));
  return (
    <Panel title={test.name} testid="test" aside={(
      <Group gap={8}>
        <StatePill state={test.state === 'running' ? 'running' : 'plain'}>{t(`scripts.testState.${test.state}`)}</StatePill>
        <span className={css.soft}>{f.dateTime(test.started_at)}{test.ended_at && ` – ${f.dateTime(test.ended_at)}`}</span>
        {manage && test.state === 'running' && <Button size="compact-xs" variant="default" onClick={onEnd} data-testid="end-test">{t('scripts.endTest')}</Button>}
      </Group>
    )}>
      <Scroll>
        <Table className={css.wide}>
          <Table.Thead><Table.Tr><Table.Th>{t('scripts.arm')}</Table.Th><Table.Th>{t('scripts.weight')}</Table.Th><Table.Th>{t('calls.attempts')}</Table.Th><Table.Th>{t('scripts.conversion')}</Table.Th><Table.Th>{t('scripts.early')}</Table.Th><Table.Th>{t('scripts.refusal')}</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {test.arms.map((a, i) => {
              const d = diffs.get(i);
              return (
                <Table.Tr key={i}>
                  <Table.Td>{t('scripts.armNamed', { name: a.name, n: a.version })} {test.winner === i && <StatePill state="good">{t('scripts.winner')}</StatePill>}</Table.Td>
                  <Table.Td className="num">{a.weight}</Table.Td><Table.Td className="num">{f.number(a.calls)}</Table.Td>
                  <Table.Td><ShareText s={a.conversion} />{d && <Difference d={d.conversion} better="more" />}</Table.Td>
                  <Table.Td><ShareText s={a.early} ink="bad" />{d && <Difference d={d.early} better="less" />}</Table.Td>
                  <Table.Td><ShareText s={a.refusal} ink="bad" />{d && <Difference d={d.refusal} better="less" />}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Scroll>
      <p className={css.verdict}>{t(sure ? 'scripts.testSure' : 'scripts.testUnsure')}</p>
    </Panel>
  );
}

/** A/B tests: contacts of a campaign are parted by chance among versions. */
export function TestsView({ data, manage, using }: { data: Overview; manage: boolean; using: Named[] }) {
  const { t } = useTranslation();
  const campaigns = useCampaigns().data ?? [];
  const [picked, setPicked] = useState<string | null>(null);
  const campaign = picked ?? using[0]?.id ?? campaigns[0]?.id ?? '';
  const tests = useTests(campaign);
  const [starting, setStarting] = useState(false);
  const [ending, setEnding] = useState<ScriptTest | null>(null);
  const running = tests.data?.some((x) => x.state === 'running');
  return (
    <div className={css.stack}>
      <Group gap={10} align="end">
        <Select size="xs" searchable allowDeselect={false} label={t('calls.campaign')} value={campaign || null} onChange={setPicked} data={campaigns.map((c) => ({ value: c.id, label: c.name }))} w={280} />
        {manage && <Button size="xs" leftSection={<IconPlus size={14} />} disabled={!campaign || running || data.versions.length < 2} onClick={() => setStarting(true)} data-testid="start-test">{t('scripts.startTest')}</Button>}
        {manage && data.versions.length < 2 && <span className={css.soft}>{t('scripts.needsTwo')}</span>}
        {running && <span className={css.soft}>{t('scripts.oneRuns')}</span>}
      </Group>
      {campaign !== '' && (
        <Load query={tests} rows={3} empty={(x) => x.length === 0} whenEmpty={<Panel><Empty title={t('scripts.noTests')} hint={t('scripts.noTestsHint')} /></Panel>}>
          {(all) => all.map((x) => <TestPanel key={x.id} test={x} manage={manage} onEnd={() => setEnding(x)} />)}
        </Load>
      )}
      {starting && <StartDialog data={data} campaign={campaign} onClose={() => setStarting(false)} />}
      {ending && <EndDialog test={ending} campaign={campaign} onClose={() => setEnding(null)} />}
    </div>
  );
}

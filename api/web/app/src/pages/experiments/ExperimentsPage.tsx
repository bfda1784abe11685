import { Button, Checkbox, FileButton, Group, SegmentedControl, Select, Stack, Table, TextInput } from '@mantine/core';
import { IconFlask2, IconPlus, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEndExperiment, useExperiment, useExperiments, useImportConversions, type ArmResult, type Experiment, type ExperimentResult, type Share, type Verdict } from '../../api/experiments';
import { useCampaignNames } from '../../api/queries';
import { moneyText } from '../../api/sales';
import { useFormats } from '../../lib/format';
import { useUser } from '../../lib/session';
import { toastOK, toastProblem } from '../../ui/toast';
import { Empty, Load, Page, Panel, Scroll, StatePill } from '../../ui/ui';
import { ChangeProblem, FormDialog } from '../lists/parts';
import { StartDialog } from './StartDialog';
import { UpliftPlot } from './UpliftPlot';
import css from './experiments.module.css';

const pills: Record<Verdict, string> = { too_early: 'plain', go_on: 'info', better: 'good', worse: 'bad', undecided: 'plain' };

function ShareCell({ s, main }: { s: Share; main: boolean }) {
  const f = useFormats();
  return <Table.Td className="num" ta="right" fw={main ? 650 : 400}>{s.of ? f.percent(s.share) : '–'}<small className={css.of}>{f.number(s.n)} / {f.number(s.of)}</small></Table.Td>;
}

function ArmRow({ x, r }: { x: ExperimentResult; r: ArmResult }) {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  const a = x.arms[r.arm]!;
  return (
    <Table.Tr data-testid="arm-row">
      <Table.Td><b>{a.name}</b>{r.arm === 0 && <small className={css.of}>{t(a.hold_out ? 'experiments.holdOut' : 'experiments.control')}</small>}</Table.Td>
      <Table.Td className="num" ta="right">{f.number(r.drawn)}</Table.Td>
      <Table.Td className="num" ta="right">{f.number(r.called)}<small className={css.of}>{t('experiments.attempts', { n: f.number(r.attempts) })}</small></Table.Td>
      <ShareCell s={r.contact} main={x.outcome === 'contact'} /><ShareCell s={r.success} main={x.outcome === 'success'} /><ShareCell s={r.conversion} main={x.outcome === 'conversion'} />
      <Table.Td className="num" ta="right">{r.revenue.map((m) => <div key={m.currency}>{moneyText(i18n.language, m.amount, m.currency)}</div>)}{r.revenue.length === 0 && '–'}</Table.Td>
      <Table.Td>{r.uplift && <StatePill state={pills[r.uplift.verdict]} testid="verdict">{t(`experiments.verdict.${r.uplift.verdict}`)}</StatePill>}</Table.Td>
    </Table.Tr>
  );
}

function EndDialog({ x, onClose }: { x: Experiment; onClose: () => void }) {
  const { t } = useTranslation();
  const end = useEndExperiment(x.id);
  const [why, setWhy] = useState('');
  const [release, setRelease] = useState(true);
  const held = x.arms[0]?.hold_out;
  return (
    <FormDialog title={t('experiments.end')} hint={t('experiments.endHint')} action={t('experiments.end')} busy={end.isPending} testid="end-experiment" onClose={onClose}
      onSubmit={() => end.mutate({ why: why.trim(), release: !!held && release }, { onSuccess: onClose })}>
      <TextInput label={t('experiments.why')} maxLength={500} value={why} onChange={(e) => setWhy(e.currentTarget.value)} data-autofocus />
      {held && <Checkbox label={t('experiments.release')} checked={release} onChange={(e) => setRelease(e.currentTarget.checked)} />}
      <ChangeProblem error={end.error} />
    </FormDialog>
  );
}

function Conversions({ id }: { id: string }) {
  const { t } = useTranslation();
  const send = useImportConversions(id);
  const take = (file: File | null) => file && send.mutate(file, { onSuccess: (r) => toastOK(t('experiments.imported', { taken: r.taken, unknown: r.unknown })), onError: toastProblem });
  return (
    <FileButton onChange={take} accept=".csv,text/csv">
      {(props) => <Button {...props} size="compact-sm" variant="default" leftSection={<IconUpload size={14} />} loading={send.isPending} title={t('experiments.importHint')} data-testid="import-conversions">{t('experiments.import')}</Button>}
    </FileButton>
  );
}

function Detail({ x, manage, campaign }: { x: Experiment; manage: boolean; campaign: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const found = useExperiment(x.id);
  const [ending, setEnding] = useState(false);
  return (
    <Panel title={x.name} testid="experiment" aside={(
      <Group gap={8}>
        <StatePill state={x.ended_at ? 'plain' : 'running'}>{t(x.ended_at ? 'experiments.ended' : 'experiments.running')}</StatePill>
        <span className={css.soft}>{campaign} · {f.dateTime(x.started_at)}{x.ended_at && ` – ${f.dateTime(x.ended_at)}`}</span>
        {manage && x.outcome === 'conversion' && <Conversions id={x.id} />}
        {manage && !x.ended_at && <Button size="compact-sm" variant="default" onClick={() => setEnding(true)} data-testid="experiment-end">{t('experiments.end')}</Button>}
      </Group>
    )}>
      <Load query={found} rows={4}>
        {(r) => (
          <>
            <UpliftPlot x={r} />
            <Scroll>
              <Table className={css.table}>
                <Table.Thead><Table.Tr><Table.Th>{t('experiments.arm')}</Table.Th><Table.Th ta="right">{t('experiments.drawn')}</Table.Th><Table.Th ta="right">{t('experiments.called')}</Table.Th><Table.Th ta="right">{t('experiments.outcome.contact')}</Table.Th><Table.Th ta="right">{t('experiments.outcome.success')}</Table.Th><Table.Th ta="right">{t('experiments.outcome.conversion')}</Table.Th><Table.Th ta="right">{t('experiments.revenue')}</Table.Th><Table.Th>{t('experiments.rule')}</Table.Th></Table.Tr></Table.Thead>
                <Table.Tbody>{r.results.map((a) => <ArmRow key={a.arm} x={r} r={a} />)}</Table.Tbody>
              </Table>
            </Scroll>
            <p className={css.method}>{t('experiments.method', { planned: f.number(x.planned) })}{x.outcome === 'conversion' && ` ${t('experiments.later')}`}{x.ended_why && <> {t('experiments.because', { why: x.ended_why })}</>}</p>
          </>
        )}
      </Load>
      {ending && <EndDialog x={x} onClose={() => setEnding(false)} />}
    </Panel>
  );
}

/** Campaign tests with a control group: what each treatment brought, and whether that can be said already. */
export default function ExperimentsPage() {
  const { t } = useTranslation();
  const role = useUser().role;
  const manage = role === 'list_manager' || role === 'admin';
  const all = useExperiments();
  const campaigns = useCampaignNames().data ?? [];
  const names = new Map(campaigns.map((c) => [c.id, c.name]));
  const [starting, setStarting] = useState(false);
  const [show, setShow] = useState('running');
  const [campaign, setCampaign] = useState<string | null>(null);
  const actions = manage && <Button size="sm" leftSection={<IconPlus size={16} />} onClick={() => setStarting(true)} data-testid="experiment-new">{t('experiments.create')}</Button>;
  const fits = (x: Experiment) => (show === 'all' || (x.ended_at ? 'ended' : 'running') === show) && (!campaign || x.campaign_id === campaign);
  return (
    <Page title={t('experiments.title')} actions={actions}>
      <Group gap={8} mb="sm">
        <SegmentedControl size="xs" value={show} onChange={setShow} aria-label={t('experiments.show')} data={[{ value: 'running', label: t('experiments.running') }, { value: 'ended', label: t('experiments.ended') }, { value: 'all', label: t('experiments.all') }]} />
        <Select size="xs" w={240} clearable searchable placeholder={t('sales.everywhere')} aria-label={t('sales.campaign')} value={campaign} onChange={setCampaign} data={campaigns.map((c) => ({ value: c.id, label: c.name }))} />
      </Group>
      <Load query={all} rows={5} empty={(x) => x.filter(fits).length === 0} whenEmpty={<Panel><Empty icon={<IconFlask2 size={36} stroke={1.4} />} title={t('experiments.none')} hint={t('experiments.noneHint')} /></Panel>}>
        {(list) => <Stack gap={12}>{list.filter(fits).slice(0, 20).map((x) => <Detail key={x.id} x={x} manage={manage} campaign={names.get(x.campaign_id) ?? ''} />)}</Stack>}
      </Load>
      {starting && <StartDialog campaigns={campaigns} onClose={() => setStarting(false)} />}
    </Page>
  );
}

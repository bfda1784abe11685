import { ActionIcon, Button, Group, Select, Switch, Table, TextInput, VisuallyHidden } from '@mantine/core';
import { IconChecklist, IconPlayerSkipForward } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useCampaigns } from '../../api/queries';
import { useQueue, useSkip, type Due } from '../../api/quality';
import { clock } from '../../lib/clock';
import { clockText, useFormats } from '../../lib/format';
import { Empty, Load, Panel, Scroll, StatePill } from '../../ui/ui';
import { dispositionName } from '../agent/names';
import { ChangeProblem, FormDialog } from '../lists/parts';
import css from './quality.module.css';
import { Rules } from './Rules';

function SkipDialog({ due, onClose }: { due: Due; onClose: () => void }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const skip = useSkip();
  return (
    <FormDialog title={t('quality.skip')} hint={t('quality.skipHint')} action={t('quality.skip')} danger busy={skip.isPending} disabled={!reason.trim()} testid="skip-dialog" onClose={onClose}
      onSubmit={() => skip.mutate({ attempt: due.attempt_id, reason: reason.trim() }, { onSuccess: onClose })}>
      <TextInput label={t('quality.reason')} maxLength={500} required data-autofocus value={reason} onChange={(e) => setReason(e.currentTarget.value)} data-testid="skip-reason" />
      <ChangeProblem error={skip.error} />
    </FormDialog>
  );
}

const STEP = 100;

function Rows({ rows, skip }: { rows: Due[]; skip: (d: Due) => void }) {
  const { t, i18n } = useTranslation();
  const f = useFormats();
  const day = useMemo(() => new Intl.DateTimeFormat(i18n.language, { weekday: 'short', month: 'short', day: 'numeric' }), [i18n.language]);
  const [shown, setShown] = useState(STEP);
  const campaigns = useCampaigns().data ?? [];
  return (
    <Scroll>
      <Table className={css.table}>
        <Table.Thead><Table.Tr>
          <Table.Th>{t('quality.due')}</Table.Th><Table.Th>{t('quality.agent')}</Table.Th><Table.Th>{t('quality.called')}</Table.Th><Table.Th>{t('quality.campaign')}</Table.Th><Table.Th>{t('calls.result')}</Table.Th>
          <Table.Th ta="right">{t('calls.duration')}</Table.Th><Table.Th>{t('quality.card')}</Table.Th><Table.Th>{t('quality.drawnBy')}</Table.Th><Table.Th><VisuallyHidden>{t('board.actions')}</VisuallyHidden></Table.Th>
        </Table.Tr></Table.Thead>
        <Table.Tbody>
          {rows.slice(0, shown).map((d) => {
            const late = Date.parse(d.due_at) < clock.now();
            return (
              <Table.Tr key={d.attempt_id} data-testid="due-row">
                <Table.Td>{late ? <StatePill state="bad">{t('quality.late')} · {day.format(Date.parse(d.due_at))}</StatePill> : day.format(Date.parse(d.due_at))}</Table.Td>
                <Table.Td className={css.cut} title={d.agent}>{d.agent}</Table.Td>
                <Table.Td>{f.dateTime(d.called_at)}</Table.Td>
                <Table.Td className={css.cut} title={d.campaign}>{d.campaign || '–'}</Table.Td>
                <Table.Td className={css.cut}>{d.disposition ? dispositionName(campaigns.find((c) => c.id === d.campaign_id)?.settings?.dispositions, d.disposition) : '–'}</Table.Td>
                <Table.Td ta="right" className="num">{d.gone ? t('quality.gone') : clockText(d.duration_ms / 1000)}</Table.Td>
                <Table.Td className={css.cut} title={d.card}>{d.card}</Table.Td>
                <Table.Td className={css.cut} title={d.rules.join(', ')}>{d.rules.join(', ')}</Table.Td>
                <Table.Td ta="right">
                  <Group gap={6} wrap="nowrap" justify="flex-end">
                    {!d.gone && <Button size="compact-xs" component={Link} href={`/quality/score/${d.attempt_id}`} data-testid="score-it">{t('quality.scoreIt')}</Button>}
                    <ActionIcon size="sm" variant="subtle" color="gray" onClick={() => skip(d)} title={t('quality.skip')} aria-label={`${t('quality.skip')}: ${d.agent}`} data-testid="skip"><IconPlayerSkipForward size={15} /></ActionIcon>
                  </Group>
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
      {shown < rows.length && <Group justify="center" p="sm"><Button variant="default" size="xs" onClick={() => setShown(shown + STEP)} data-testid="queue-more">{t('quality.moreRows')}</Button></Group>}
    </Scroll>
  );
}

/** What is to be scored, and the rules that draw it. */
export function QueueTab() {
  const { t } = useTranslation();
  const [agent, setAgent] = useState('');
  const [late, setLate] = useState(false);
  const [skipping, setSkipping] = useState<Due | null>(null);
  const all = useQueue({});
  const rows = all.data?.filter((d) => (!agent || d.agent_id === agent) && (!late || Date.parse(d.due_at) < clock.now()));
  const agents = [...new Map((all.data ?? []).map((d) => [d.agent_id, d.agent])).entries()].sort((a, b) => a[1].localeCompare(b[1]));
  return (
    <>
      <Panel title={t('quality.queue')} testid="queue" aside={(
        <Group gap={12}>
          <Switch size="xs" label={t('quality.onlyLate')} checked={late} onChange={(e) => setLate(e.currentTarget.checked)} data-testid="only-late" />
          <Select size="xs" w={200} clearable searchable placeholder={t('quality.allAgents')} aria-label={t('quality.agent')} value={agent || null} onChange={(v) => setAgent(v ?? '')} data={agents.map(([value, label]) => ({ value, label }))} data-testid="queue-agent" />
        </Group>
      )}>
        <Load query={{ ...all, data: rows }} empty={(x) => x.length === 0} whenEmpty={<Empty icon={<IconChecklist size={36} stroke={1.4} />} title={t('quality.queueEmpty')} hint={t(all.data?.length ? 'quality.queueFiltered' : 'quality.queueHint')} />}>
          {(x) => <Rows rows={x} skip={setSkipping} />}
        </Load>
        {all.data?.length === 500 && <p className={css.more}>{t('quality.first500')}</p>}
      </Panel>
      <Rules />
      {skipping && <SkipDialog due={skipping} onClose={() => setSkipping(null)} />}
    </>
  );
}

import { ActionIcon, Alert, Button, Group, NumberInput, Select, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Campaign } from '../../api/types';
import { problemText } from '../../i18n/problem';
import { may, useUser } from '../../lib/session';
import { toastOK } from '../../ui/toast';
import { Empty, Load, Panel } from '../../ui/ui';
import { FormDialog } from '../lists/parts';
import { useLibrary, useOverview, useStartTest, useTests, type LibraryItem, type ScriptTest } from '../scripts/api';
import { EndDialog, TestPanel } from '../scripts/TestsView';
import css from './campaigns.module.css';
import { NO_SCRIPT } from './draft';

interface Arm { script: string; version: number; weight: number }

interface RowProps {
  arm: Arm;
  i: number;
  share: number;
  scripts: LibraryItem[];
  set: (a: Arm) => void;
  remove?: () => void;
}

function ArmRow({ arm, i, share, scripts, set, remove }: RowProps) {
  const { t } = useTranslation();
  const versions = useOverview(arm.script).data?.versions.map((v) => v.version) ?? [arm.version];
  const label = (part: string) => `${t('scripts.arm')} ${i + 1}: ${part}`;
  return (
    <div className={css.arm} data-testid="test-arm">
      <Select size="xs" searchable allowDeselect={false} aria-label={label(t('campaigns.script'))} value={arm.script} data={scripts.map((s) => ({ value: s.id, label: s.name }))}
        onChange={(v) => set({ ...arm, script: v!, version: scripts.find((s) => s.id === v)!.version })} data-testid="arm-script" />
      <Select size="xs" allowDeselect={false} aria-label={label(t('scripts.version'))} value={String(arm.version)} onChange={(v) => set({ ...arm, version: Number(v) })}
        data={[...new Set([arm.version, ...versions])].sort((a, b) => b - a).map((v) => ({ value: String(v), label: String(v) }))} data-testid="arm-version" />
      <NumberInput size="xs" min={1} max={1000} allowDecimal={false} aria-label={label(t('scripts.weight'))} value={arm.weight} onChange={(v) => set({ ...arm, weight: Math.max(1, Number(v) || 1) })} data-testid="arm-weight" />
      <span className={`num ${css.ofAll}`}>{Math.round(share * 100)} %</span>
      <ActionIcon variant="subtle" color="gray" mt={1} disabled={!remove} aria-label={`${t('act.remove')}: ${t('scripts.arm')} ${i + 1}`} onClick={remove}><IconTrash size={15} /></ActionIcon>
    </div>
  );
}

/** The first two arms: what the campaign uses now, and another version or script. */
function begin(campaign: Campaign, scripts: LibraryItem[]): Arm[] {
  const { script_id, script_version } = campaign.settings;
  const own = scripts.find((s) => s.id === script_id) ?? scripts[0]!;
  const version = own.id === script_id && script_version ? script_version : own.version;
  const other = own.version !== version ? { script: own.id, version: own.version }
    : version > 1 ? { script: own.id, version: version - 1 }
      : { script: (scripts.find((s) => s.id !== own.id) ?? own).id, version: (scripts.find((s) => s.id !== own.id) ?? own).version };
  return [{ script: own.id, version, weight: 50 }, { ...other, weight: 50 }];
}

function StartDialog({ campaign, scripts, onClose }: { campaign: Campaign; scripts: LibraryItem[]; onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [arms, setArms] = useState(() => begin(campaign, scripts));
  const start = useStartTest(campaign.id);
  const all = arms.reduce((n, a) => n + a.weight, 0);
  const twice = new Set(arms.map((a) => `${a.script} ${a.version}`)).size < arms.length;
  const submit = () => start.mutate({ name: name.trim(), arms: arms.map(({ script, ...a }) => ({ ...a, script_id: script })) }, {
    onSuccess: () => {
      toastOK(t('scripts.testStarted'));
      onClose();
    },
  });
  return (
    <FormDialog title={t('scripts.startTest')} hint={t('scripts.startTestHint')} action={t('scripts.startTest')} busy={start.isPending} disabled={!name.trim() || twice} testid="test-dialog" onClose={onClose} onSubmit={submit}>
      <TextInput label={t('lists.name')} maxLength={120} value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus data-testid="test-name" />
      <div>
        <div className={css.arm} aria-hidden><span className={css.headCell}>{t('campaigns.script')}</span><span className={css.headCell}>{t('scripts.version')}</span><span className={css.headCell}>{t('scripts.weight')}</span></div>
        {arms.map((a, i) => (
          <ArmRow key={i} arm={a} i={i} share={a.weight / all} scripts={scripts} set={(to) => setArms((now) => now.map((x, k) => (k === i ? to : x)))}
            remove={arms.length > 2 ? () => setArms((now) => now.filter((_, k) => k !== i)) : undefined} />
        ))}
      </div>
      <span><Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={13} />} disabled={arms.length >= 10} onClick={() => setArms((now) => [...now, { ...now[0]! }])} data-testid="add-arm">{t('scripts.addArm')}</Button></span>
      {twice && <Alert color="yellow" p="xs">{t('scripts.armTwice')}</Alert>}
      {start.error && <Alert color="red" p="xs" role="alert">{problemText(start.error)}</Alert>}
    </FormDialog>
  );
}

/** A/B tests of this campaign: versions and scripts against each other on contacts drawn by chance, and which one it goes on with. */
export function TestsView({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const manage = may(useUser(), 'manage');
  const tests = useTests(campaign.id);
  const library = useLibrary();
  const scripts = (library.data ?? []).filter((s) => s.version > 0);
  const choices = scripts.reduce((n, s) => n + s.version, 0);
  const [starting, setStarting] = useState(false);
  const [ending, setEnding] = useState<ScriptTest | null>(null);
  const running = tests.data?.some((x) => x.state === 'running');
  const used = scripts.find((s) => s.id === campaign.settings.script_id);
  return (
    <div className={css.stack}>
      <Group gap={12}>
        <span className={css.uses}>{used && campaign.settings.script_id !== NO_SCRIPT ? t('scripts.armNamed', { name: used.name, n: campaign.settings.script_version }) : t('campaigns.noScript')}</span>
        {manage && <Button size="xs" leftSection={<IconPlus size={14} />} disabled={running || choices < 2} onClick={() => setStarting(true)} data-testid="start-test">{t('scripts.startTest')}</Button>}
        {manage && library.isSuccess && choices < 2 && <span className={css.uses}>{t('scripts.needsTwo')}</span>}
        {running && <span className={css.uses}>{t('scripts.oneRuns')}</span>}
      </Group>
      <Load query={tests} rows={3} empty={(x) => x.length === 0} whenEmpty={<Panel><Empty title={t('scripts.noTests')} hint={t('scripts.noTestsHint')} /></Panel>}>
        {(all) => all.map((x) => <TestPanel key={x.id} test={x} manage={manage} onEnd={() => setEnding(x)} />)}
      </Load>
      {starting && <StartDialog campaign={campaign} scripts={scripts} onClose={() => setStarting(false)} />}
      {ending && <EndDialog test={ending} campaign={campaign.id} onClose={() => setEnding(null)} />}
    </div>
  );
}

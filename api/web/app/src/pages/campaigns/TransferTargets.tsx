import { ActionIcon, Button, Text, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { TransferTarget } from '../../api/types';
import css from './campaigns.module.css';
import type { Form } from './parts';

interface RowProps {
  form: Form;
  target: TransferTarget;
  i: number;
  set: (t: TransferTarget) => void;
  remove: () => void;
}

function Row({ form, target, i, set, remove }: RowProps) {
  const { t } = useTranslation();
  const label = (part: string) => `${t('talk.target')} ${i + 1}: ${part}`;
  return (
    <div className={css.target} data-testid="target-row">
      <TextInput size="xs" value={target.name} maxLength={60} placeholder={t('talk.targetName')} aria-label={label(t('talk.targetName'))}
        onChange={(e) => set({ ...target, name: e.currentTarget.value })} error={form.errors[`settings.transfer_targets.${i}.name`]} data-testid="target-name" />
      <TextInput size="xs" value={target.number} maxLength={20} inputMode="tel" placeholder={t('talk.targetNumber')} aria-label={label(t('talk.targetNumber'))}
        onChange={(e) => set({ ...target, number: e.currentTarget.value.replace(/[^0-9+*#]/g, '') })} error={form.errors[`settings.transfer_targets.${i}.number`]} data-testid="target-number" />
      <ActionIcon size="sm" mt={4} variant="subtle" color="gray" onClick={remove} aria-label={`${t('act.remove')}: ${t('talk.target')} ${i + 1}`} data-testid="target-remove"><IconX size={14} /></ActionIcon>
    </div>
  );
}

const MOST = 50;

/** The outside numbers to which the campaign's agents may transfer calls. */
export function TransferTargets({ form }: { form: Form }) {
  const { t } = useTranslation();
  const targets = form.values.settings.transfer_targets ?? [];
  const put = (next: TransferTarget[]) => form.setFieldValue('settings.transfer_targets', next.length ? next : undefined);
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>{t('talk.targets')}</Text>
      {targets.map((x, i) => (
        <Row key={i} form={form} target={x} i={i} set={(y) => put(targets.map((z, j) => (i === j ? y : z)))} remove={() => put(targets.filter((_, j) => j !== i))} />
      ))}
      <Button size="compact-sm" variant="light" mt={4} disabled={targets.length >= MOST} leftSection={<IconPlus size={14} />}
        onClick={() => put([...targets, { name: '', number: '' }])} data-testid="add-target">{t('talk.addTarget')}</Button>
      {form.errors['settings.transfer_targets'] && <Text size="xs" c="red">{form.errors['settings.transfer_targets']}</Text>}
      <Text size="xs" c="dimmed" mt={6}>{t('talk.targetsHint')}</Text>
    </div>
  );
}

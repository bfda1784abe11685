import { Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CALLER_CHOICES, type CallerChoice } from '../../api/types';
import { NumbersField } from '../../ui/NumbersField';

const MOST = 50;

interface Props {
  numbers: string[];
  choice: CallerChoice;
  change: (numbers: string[], choice: CallerChoice) => void;
  error?: ReactNode;
  size?: 'xs' | 'sm';
}

/** Further caller IDs, and which of all of them a contact is shown. */
export function CallerFields({ numbers, choice, change, error, size }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <NumbersField size={size} label={t('callers.more')} description={t('callers.moreHint')} most={MOST} value={numbers} onChange={(all) => change(all, choice)} error={error} testid="caller-ids" />
      {numbers.length > 0 && (
        <Select size={size} label={t('callers.choice')} description={t(`callers.hint.${choice}`)} allowDeselect={false} value={choice} onChange={(v) => change(numbers, (v ?? 'contact') as CallerChoice)}
          data={CALLER_CHOICES.map((value) => ({ value, label: t(`callers.by.${value}`) }))} data-testid="caller-choice" />
      )}
    </>
  );
}

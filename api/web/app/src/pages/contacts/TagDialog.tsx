import { TagsInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ChangeProblem, FormDialog } from '../lists/parts';
import type { TagChange } from './tags';

interface Props {
  title: string;
  hint?: string;
  busy: boolean;
  error: unknown;
  onClose: () => void;
  onSubmit: (c: TagChange) => void;
}

const MOST = 20;

/** Asks for tags to give and to take away. */
export function TagDialog({ title, hint, busy, error, onClose, onSubmit }: Props) {
  const { t } = useTranslation();
  const [add, setAdd] = useState<string[]>([]);
  const [remove, setRemove] = useState<string[]>([]);
  const field = (label: string, value: string[], onChange: (v: string[]) => void, testid: string) => (
    <TagsInput label={label} placeholder={value.length === 0 ? t('steer.tagHint') : undefined} acceptValueOnBlur maxTags={MOST} splitChars={[',', '，', ';']} value={value} onChange={(v) => onChange(v.map((x) => x.trim().slice(0, 40)))} data-testid={testid}
      onKeyDown={(e) => e.key === 'Enter' && e.preventDefault()} /> // it ends a tag, not the dialog
  );
  return (
    <FormDialog title={title} hint={hint} action={t('steer.tag')} busy={busy} disabled={add.length + remove.length === 0} testid="tag-dialog" onClose={onClose} onSubmit={() => onSubmit({ add, remove })}>
      {field(t('steer.tagAdd'), add, setAdd, 'tag-add')}
      {field(t('steer.tagRemove'), remove, setRemove, 'tag-remove')}
      <ChangeProblem error={error} />
    </FormDialog>
  );
}

import { TagsInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { BETWEEN, tidyNumbers } from '../lib/numbers';

interface Props {
  label: string;
  description?: string;
  placeholder?: string;
  value: string[];
  onChange: (v: string[]) => void;
  error?: ReactNode;
  size?: 'xs' | 'sm';
  most: number;
  testid: string;
}

/** Several telephone numbers; pasted ones may stand in any form that has a plus, a country code and something between them. */
export function NumbersField({ value, onChange, most, testid, ...rest }: Props) {
  return (
    <TagsInput {...rest} inputMode="tel" splitChars={BETWEEN} maxTags={most} acceptValueOnBlur value={value}
      onChange={(all) => onChange(tidyNumbers(all))} placeholder={value.length ? undefined : rest.placeholder} data-testid={testid} />
  );
}

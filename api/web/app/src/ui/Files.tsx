import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';

interface Props {
  /** Where the file of a format is. */
  url: (format: 'csv' | 'xlsx') => string;
  size?: 'compact-sm' | 'sm';
  testid: string;
}

/** What is shown, as a file for a spreadsheet. */
export function Files({ url, size = 'compact-sm', testid }: Props) {
  return (['csv', 'xlsx'] as const).map((format) => (
    <Button key={format} component="a" href={url(format)} download size={size} variant="default" leftSection={<IconDownload size={15} />} data-testid={`${testid}-${format}`}>{format.toUpperCase()}</Button>
  ));
}

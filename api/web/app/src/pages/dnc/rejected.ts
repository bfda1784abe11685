import type { RejectedRow } from '../../api/law';

// A spreadsheet runs cells that begin like a formula (CWE-1236): the apostrophe makes them text, and the server takes it off numbers.
const harmless = (cell: string) => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell);
const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
const line = (cells: string[]) => cells.map((c) => quoted(harmless(c))).join(',') + '\r\n';

/**
 * The rejected rows as a file to mend and load again: the columns as they were, then what is wrong. It begins with the mark by
 * which spreadsheets know UTF-8.
 */
export function rejectedCSV(header: string[], rows: RejectedRow[], heads: [string, string, string], reason: (r: RejectedRow) => string): string {
  const width = Math.max(header.length, ...rows.map((r) => r.record?.length ?? 0));
  const padded = (cells: string[]) => [...cells, ...Array<string>(width - cells.length).fill('')];
  return '\ufeff' + line([...padded(header), ...heads]) + rows.map((r) => line([...padded(r.record ?? []), String(r.row_no), r.field, reason(r)])).join('');
}

// How a file is read, as the server takes it.

export const COLUMN_AS = ['phone', 'name', 'key', 'field', 'tags', 'priority', 'zone', 'state', 'zip', 'ignore'] as const;
export type ColumnAs = (typeof COLUMN_AS)[number];
export const FIELD_TYPES = ['text', 'number', 'date', 'bool', 'money'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];
export const DATE_ORDERS = ['ymd', 'mdy', 'dmy'] as const;
export const ENCODINGS = ['UTF-8', 'UTF-16LE', 'UTF-16BE', 'GB18030', 'Big5'] as const;
export const DELIMITERS = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' } as const;
export const MAX_PHONES = 20;

export interface Column {
  header: string;
  as: ColumnAs;
  kind?: '' | 'mobile' | 'fixed';
  label?: string;
  field?: string;
  type?: FieldType | '';
  format?: string;
}

export interface Duplicates {
  by?: 'number' | 'key';
  in_file?: 'skip' | 'update' | 'merge';
  in_list?: 'skip' | 'update' | 'merge';
  across?: 'allow' | 'skip' | 'update' | 'merge';
}

export interface Plan {
  encoding?: string;
  delimiter?: string;
  sheet?: string;
  header?: '' | 'yes' | 'no';
  columns?: Column[];
  duplicates?: Duplicates;
  on_dnc?: 'mark' | 'reject';
}

/** A column that is read as something else; what belongs to the former reading goes. */
export function readAs(c: Column, as: ColumnAs): Column {
  const out: Column = { header: c.header, as };
  if (as === 'field') out.type = c.type || 'text';
  return out;
}

export type PlanProblem = 'noPhone' | 'manyPhones' | 'twice' | 'sameField' | 'noKey';

/** What keeps a plan from being used, with the column that it concerns. */
export function problemOf(columns: Column[], duplicates: Duplicates | undefined): { problem: PlanProblem; column?: number } | null {
  const phones = columns.filter((c) => c.as === 'phone').length;
  if (phones === 0) return { problem: 'noPhone' };
  if (phones > MAX_PHONES) return { problem: 'manyPhones' };
  const seen = new Set<string>();
  for (const [i, c] of columns.entries()) {
    const single = ['name', 'key', 'priority', 'zone', 'state', 'zip', 'tags'].includes(c.as);
    if (!single && c.as !== 'field') continue;
    const name = single ? `as ${c.as}` : `field ${(c.field || c.header).trim().toLowerCase()}`;
    if (seen.has(name)) return { problem: single ? 'twice' : 'sameField', column: i };
    seen.add(name);
  }
  if (duplicates?.by === 'key' && !columns.some((c) => c.as === 'key')) return { problem: 'noKey' };
  return null;
}

const plain = (s: string) => s.trim().toLowerCase();

/** Whether a template names only columns that the file has. */
export function fits(plan: Plan, headers: string[]): boolean {
  const there = new Set(headers.map(plain));
  const needed = (plan.columns ?? []).filter((c) => c.as !== 'ignore');
  return needed.length > 0 && needed.every((c) => there.has(plain(c.header)));
}

/** A template on the columns of a file: by their names; what it does not name stays out. */
export function withTemplate(plan: Plan, columns: Column[]): Column[] {
  const free = [...(plan.columns ?? [])];
  return columns.map((c) => {
    const i = free.findIndex((x) => plain(x.header) === plain(c.header));
    return i < 0 ? { header: c.header, as: 'ignore' as const } : { ...free.splice(i, 1)[0]!, header: c.header };
  });
}

/** What of a plan is worth to be kept for other files: not the encoding and the sheet, which each file shows by itself. */
export function templateOf(plan: Plan): Plan {
  return { columns: plan.columns, duplicates: plan.duplicates, on_dnc: plan.on_dnc };
}

/** Some values of a column, for people to know it by. */
export function samplesOf(rows: { record: string[] }[], column: number, most = 3): string[] {
  const out: string[] = [];
  for (const r of rows) {
    const v = r.record[column]?.trim();
    if (v && !out.includes(v) && out.push(v) >= most) break;
  }
  return out;
}

/** The names of the fields that the previewed rows would have, in the order in which they come. */
export function fieldsOf(rows: { fields: Record<string, string> | null }[]): string[] {
  return [...new Set(rows.flatMap((r) => Object.keys(r.fields ?? {})))];
}

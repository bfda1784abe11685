// The form of a filter: rows of conditions, all or any of which must hold. What is more than that stays text.
import type { FilterField } from './api';

export interface FilterValue {
  kind: 'text' | 'number' | 'bool' | 'date' | 'time' | 'ago' | 'ahead' | 'period';
  text?: string;
  n?: number;
  unit?: string;
}

export interface FilterNode {
  op: string;
  args?: FilterNode[];
  field?: string;
  custom?: boolean;
  values?: FilterValue[];
}

export interface Row {
  field: string;
  custom: boolean;
  op: string;
  not: boolean;
  values: FilterValue[];
}

export interface Form {
  join: 'and' | 'or';
  rows: Row[];
}

function rowOf(n: FilterNode): Row | null {
  if (n.op === 'not') {
    const inner = n.args?.[0];
    const r = inner && inner.op !== 'not' ? rowOf(inner) : null;
    return r && { ...r, not: true };
  }
  if (n.op === 'and' || n.op === 'or' || n.op === 'everyone') return null;
  return { field: n.field || 'tags', custom: n.custom ?? false, op: n.op, not: false, values: n.values ?? [] };
}

/** The form of a filter, or null when it is more than rows that are joined in one way. */
export function formOf(n: FilterNode | undefined): Form | null {
  if (!n) return null;
  if (n.op === 'everyone') return { join: 'and', rows: [] };
  const join = n.op === 'or' ? 'or' : 'and';
  const parts = n.op === 'and' || n.op === 'or' ? (n.args ?? []) : [n];
  const rows = parts.map(rowOf);
  return rows.every((r) => r !== null) ? { join, rows: rows as Row[] } : null;
}

function nodeOfRow(r: Row): FilterNode {
  const inner: FilterNode = { op: r.op, field: r.field, ...(r.custom ? { custom: true } : {}), ...(r.values.length > 0 ? { values: r.values } : {}) };
  return r.not ? { op: 'not', args: [inner] } : inner;
}

export function nodeOf(f: Form): FilterNode {
  if (f.rows.length === 0) return { op: 'everyone' };
  if (f.rows.length === 1) return nodeOfRow(f.rows[0]!);
  return { op: f.join, args: f.rows.map(nodeOfRow) };
}

/** How many values an operator takes: exactly 0, 1 or 2, or any number from 1. */
export function valuesOf(op: string): 0 | 1 | 2 | 'many' {
  if (op === 'is empty') return 0;
  if (op === 'between') return 2;
  return op === 'in' || op === 'tagged' ? 'many' : 1;
}

/** Whether every condition of the form has what it needs: what is half filled in is not sent. */
export function complete(f: Form): boolean {
  return f.rows.every((r) => {
    const need = valuesOf(r.op);
    if (need === 0) return true;
    const has = r.values.length;
    if (need === 'many' ? has < 1 : has !== need) return false;
    return r.values.every((v) => (v.kind === 'ago' || v.kind === 'ahead' ? (v.n ?? 0) > 0 && !!v.unit : !!v.text));
  });
}

const emptyValue = (type: FilterField['type']): FilterValue => {
  switch (type) {
    case 'number': case 'money': return { kind: 'number', text: '' };
    case 'bool': return { kind: 'bool', text: 'true' };
    case 'date': case 'moment': return { kind: 'ago', n: 7, unit: 'days' };
    default: return { kind: 'text', text: '' };
  }
};

/** A new condition of a field, with its first operator. */
export function newRow(f: FilterField): Row {
  return withOp({ field: f.name, custom: f.custom, op: '', not: false, values: [] }, f.type === 'date' || f.type === 'moment' ? '<' : (f.ops[0] ?? '='), false, f.type);
}

/** The same condition with another operator; values stay where they fit. */
export function withOp(r: Row, op: string, not: boolean, type: FilterField['type']): Row {
  const need = valuesOf(op);
  let values = r.values;
  if (need === 0) values = [];
  else if (need === 'many') values = values.filter((v) => v.text);
  else values = Array.from({ length: need }, (_, i) => values[i] ?? emptyValue(type));
  return { ...r, op, not, values };
}

/** Operators as people choose them: each, and its opposite where that is of use. "not" over a comparison of size is another comparison. */
export function choicesOf(f: FilterField): { op: string; not: boolean }[] {
  return f.ops.flatMap((op) => (['<', '<=', '>', '>='].includes(op) || (op === '=' && f.type === 'bool') ? [{ op, not: false }] : [{ op, not: false }, { op, not: true }]));
}

/** The row that a problem of the server is in, from a path like args[1].values[0]; -1: the whole. */
export function rowOfPath(path: string | undefined, rows: number): number {
  const m = /^args\[(\d+)\]/.exec(path ?? '');
  if (rows === 1) return 0;
  return m ? Number(m[1]) : -1;
}

/** A field's name as filters' texts have it: of answers, the row of a matrix stands in quotes when it is no plain word. */
export function nameInText(name: string, answer = false): string {
  if (!answer) return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? name : `[${name.replaceAll(']', ']]')}]`;
  const [, question, row] = /^(answer\.[^.]*)(?:\.([^]*))?$/.exec(name) ?? [];
  return row === undefined || /^[\w-]+$/.test(row) ? name : `${question}."${row.replaceAll('"', '""')}"`;
}

/** Where in a text a problem is: offsets of UTF-16 units of the word that begins at a line and column (characters, from 1). */
export function spanOf(text: string, at: { line: number; column: number }): [number, number] | null {
  if (at.line < 1 || at.column < 1) return null;
  const lines = text.split('\n');
  if (at.line > lines.length) return [text.length, text.length];
  const before = lines.slice(0, at.line - 1).reduce((n, l) => n + l.length + 1, 0);
  const line = lines[at.line - 1]!;
  const from = Math.min(line.length, [...line].slice(0, at.column - 1).join('').length);
  const word = /^("[^"]*"?|'[^']*'?|[\p{L}\p{N}_.]+|[<>=!]+|.)/u.exec(line.slice(from))?.[0] ?? '';
  return [before + from, before + from + word.length];
}

import i18next from 'i18next';
import { ApiError } from '../api/http';
import { codes } from '../i18n/en/codes';
import { codeName } from './index';

const byStatus: Record<number, string> = {
  0: 'unreachable', 401: 'not_signed_in', 403: 'forbidden', 404: 'not_found', 409: 'exists', 413: 'too_large',
  500: 'internal', 503: 'busy', 504: 'timeout',
};

/** What went wrong, in the reader's language; the server's own words where there is no translation. */
export function problemText(error: unknown): string {
  if (!(error instanceof ApiError)) return i18next.t('code.error.fallback');
  if (error.code in codes.error) return codeName('error', error.code);
  const general = byStatus[error.status];
  if (error.status >= 500 || error.status === 0 || !error.message) return codeName('error', general ?? 'fallback');
  if (i18next.language !== 'en' && general) return codeName('error', general);
  return error.message;
}

/** Reason of an acknowledgement that says no. */
export function commandText(error: { code: string; message: string; field?: string } | null | undefined): string {
  if (error && error.code in codes.error) return codeName('error', error.code) + (error.field ? ` (${error.field})` : '');
  return error?.message || i18next.t('code.error.fallback');
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// The server words refusals of fields in English; these are the forms that it uses.
const forms: [RegExp, string][] = [
  [/^rule (\S+) demands at least (\d+) seconds/, 'ruleSeconds'],
  [/^rule (\S+) allows at most ([\d.]+)/, 'ruleShare'],
  [/^rule (\S+) counts over (\w+)/, 'ruleBlock'],
  [/must be between (.+?) and (.+?)( seconds| calls per ready agent)?$/, 'between'],
  [/^at most (\d+)/, 'atMost'],
  [/^goes with (?:the (?:effect|wrap-up mode) )?(\w+) only/, 'fixedTo'],
  [/^a success is no refusal/, 'successRefusal'],
  [/^a (?:callback|disposition with required fields) needs/, 'needsSomebody'],
  [/name of a contact field/, 'fieldName'],
  [/1 to 40 of a-z/, 'lower'],
  [/^must begin with https|no web address|belongs to no placeholder|is unknown: \{id\}/, 'webAddress'],
  [/^the trunk (.+) does not let calls show (\+\d+)/, 'notOnTrunk'], [/^the campaign (.+) shows (\+\d+):/, 'numberShown'],
  [/E\.164/, 'phone'],
  [/^must say how the consent/, 'consentProof'], [/not in the future$/, 'notFuture'], [/^must be after given_at/, 'afterGiven'], [/64 hex digits/, 'sha256'],
  [/^begins in the future/, 'notYet'], [/^a report has at most (\d+) days/, 'reportDays'], [/^must not be before the first day/, 'dayOrder'], [/^must be in this century/, 'century'], [/IANA zone/, 'zone'],
  [/is there twice/, 'duplicate'],
  [/no such|does not exist/, 'unknown'],
  [/characters/, 'length'],
];

/** A refused field: codes are translated, the server's sentences too where their form is known. */
export function fieldText(message: string): string {
  if (message in codes.invalid) return codeName('invalid', message);
  if (i18next.language === 'en') return sentence(message);
  for (const [form, key] of forms) {
    const m = form.exec(message);
    if (m) return i18next.t(`code.invalid.${key}`, { from: m[1], to: m[2] });
  }
  return `${i18next.t('code.invalid.format')} (${message})`;
}

// What the server says of a file, and the row, the number or the names that it found, for those who do not read English.
const importForms: [RegExp, string, string?][] = [
  [/unpacks to far more|^the archive has|^the sheet has more than/, 'zip_bomb'], [/is not CSV but an old Excel workbook/, '', 'oldExcel'], [/^the workbook cannot be read, save/, '', 'brokenBook'], [/is not CSV|is not text|no Excel workbook/, 'file_binary'],
  [/is empty/, 'file_empty'], [/save it as UTF-8/, 'encoding_mixed'],
  [/(?:no column holds telephone|column that holds the phone).*found: (.+)$/, 'no_phone', 'noPhone'], [/no column holds telephone|column that holds the phone/, 'no_phone'],
  [/^row (\d+) has a cell in column (\d+)/, '', 'cellBeyond'], [/^the file has (\d+) columns/, '', 'manyColumns'], [/column called "(.+)", which/, '', 'columnMissing'],
  [/^the plan has (\d+) columns, the file has (\d+)/, '', 'planColumns'], [/different texts/, '', 'texts'],
  [/^row (\d+) is longer than/, '', 'longRow'], [/longer than \d+ MiB/, 'row_too_long'],
  [/has no sheet "(.*)"; it has: (.+)$/, 'sheet_missing', 'noSheet'], [/has no sheets?/, 'sheet_missing'], [/^row (\d+) cannot be read: /, 'not_readable', 'rowUnread'], [/could not be read|cannot be read: /, 'not_readable'], [/^interrupted/, 'interrupted'],
];

/** Why an import failed. The server says it in an English sentence, with the row or the columns that it found. */
export function importText(error: string): string {
  if (error in codes.importError) return codeName('importError', error);
  if (i18next.language === 'en') return sentence(error);
  for (const [form, code, detail] of importForms) {
    const m = form.exec(error);
    if (m) return (detail ? i18next.t(`imports.detail.${detail}`, { a: m[1], b: m[2] }) : '') + (code && codeName('importError', code));
  }
  return sentence(error);
}

// What is wrong with a row that cannot be read at all; these are the server's sentences.
const rowForms: [RegExp, string][] = [
  [/^line (\d+): its quote is never closed/, 'open'], [/^line (\d+): a quote stands inside/, 'bare'], [/^line (\d+): text stands behind/, 'behind'], [/^(\d+) columns, the header has (\d+)$/, 'columns'],
];

/** The value of a rejected row, or the server's sentence about the row in the reader's language. */
export function rowText(value: string): string {
  for (const [form, key] of rowForms) {
    const m = form.exec(value);
    if (m) return i18next.t(`imports.broken.${key}`, { a: m[1], b: m[2] });
  }
  return value;
}

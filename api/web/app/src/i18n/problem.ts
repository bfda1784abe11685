import i18next from 'i18next';
import { ApiError } from '../api/http';
import { codes } from '../i18n/en/codes';
import { codeName } from './index';

const byStatus: Record<number, string> = {
  0: 'unreachable', 401: 'unauthorized', 403: 'forbidden', 404: 'not_found', 409: 'conflict', 413: 'too_large',
  500: 'internal', 503: 'overloaded', 504: 'timeout',
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
export function commandText(error: { code: string; message: string } | null | undefined): string {
  if (error && error.code in codes.error) return codeName('error', error.code);
  return error?.message || i18next.t('code.error.fallback');
}

/** A refused field: codes are translated, sentences are shown as the server wrote them. */
export function fieldText(message: string): string {
  return message in codes.invalid ? codeName('invalid', message) : message;
}

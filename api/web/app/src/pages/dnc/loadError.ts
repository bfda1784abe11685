import i18next from 'i18next';
import { ApiError } from '../../api/http';
import { codeName } from '../../i18n';
import { problemText } from '../../i18n/problem';

// The server words the end of a load in English; these are the forms that it uses.
const forms: [RegExp, string][] = [
  [/^interrupted/, 'interrupted'], [/holds no number$/, 'noNumber'], [/less than half/, 'shrunk'], [/lines of the file hold no number/, 'badLines'],
  [/not a text file/, 'notText'], [/name the column|no column|one column only/, 'column'], [/too large|at most/, 'tooLarge'],
];

/** Why a file of numbers was not taken. The server's own sentence follows where it tells more. */
export function loadError(error: string): string {
  const known = forms.find(([form]) => form.test(error))?.[1];
  if (i18next.language === 'en' || !known) return error.charAt(0).toUpperCase() + error.slice(1);
  return i18next.t(`registry.failed.${known}`);
}

/** Why a file of numbers was refused when it was sent. */
export function numbersText(error: unknown): string {
  if (error instanceof ApiError && error.status === 413) return codeName('importError', 'too_large');
  const field = error instanceof ApiError && error.status === 422 ? error.fields[0] : undefined;
  return field ? loadError(field.message) : problemText(error);
}

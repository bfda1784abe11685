import { ApiError } from '../../api/http';
import { codeName } from '../../i18n';
import { codes } from '../../i18n/en/codes';
import { fieldText, importText, problemText } from '../../i18n/problem';

export { rowText } from '../../i18n/problem';

/** Why a file or a plan was refused, with the row or the columns that the server found. */
export function fileText(error: unknown): string {
  if (!(error instanceof ApiError)) return problemText(error);
  if (error.status === 413) return codeName('importError', 'too_large');
  if (error.code in codes.importError) return error.message ? importText(error.message) : codeName('importError', error.code);
  const field = error.fields[0];
  return error.status === 422 && field ? fieldText(field.message) : problemText(error);
}

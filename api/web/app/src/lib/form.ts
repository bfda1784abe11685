import type { FormErrors } from '@mantine/form';
import { ApiError } from '../api/http';
import { fieldText } from '../i18n/problem';
import { toastProblem } from '../ui/toast';

interface Form {
  values: object;
  setErrors: (errors: FormErrors) => void;
}

function has(values: unknown, path: string): boolean {
  let at = values;
  for (const part of path.split('.')) {
    if (typeof at !== 'object' || at === null || !(part in at)) return false;
    at = (at as Record<string, unknown>)[part];
  }
  return true;
}

/** Brings the first field with an error into view, once it is drawn. */
export function showFirstError(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('form [aria-invalid="true"]')?.focus());
}

/**
 * Shows a refusal at the fields that it names, and what belongs to no field of the form as a message. Fields without a value are
 * taken for the form's own when shown says so.
 */
export function applyProblem(form: Form, error: unknown, shown: (path: string) => boolean = () => false): void {
  const errors: Record<string, string> = {};
  if (error instanceof ApiError) {
    for (const f of error.fields) if (f.path && (has(form.values, f.path) || shown(f.path))) errors[f.path] = fieldText(f.message);
  }
  if (Object.keys(errors).length === 0) return toastProblem(error);
  form.setErrors(errors);
  showFirstError();
}

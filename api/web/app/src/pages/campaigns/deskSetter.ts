import type { DeskSettings } from '../../api/deskSettings';
import { put } from './deskform';
import type { Form } from './parts';

/** Changes one of the optional settings, and takes away what the server said against it. */
export function setter(form: Form) {
  return <K extends keyof DeskSettings>(key: K, value: DeskSettings[K]) => {
    form.setFieldValue('settings', (prev) => put(prev, key, value));
    const path = `settings.${key}`;
    for (const k of Object.keys(form.errors)) if (k === path || k.startsWith(path + '.')) form.clearFieldError(k);
  };
}

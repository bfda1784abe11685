import type { DeskSettings, DispositionFlags } from '../../api/deskSettings';
import type { DispositionCode, Settings } from '../../api/types';

/** Sections of the desk's settings, and which settings each has: an error opens the section of its field. */
export const SECTIONS = {
  wrapUp: ['wrap_up', 'wrap_up_mode', 'wrap_up_more', 'wrap_up_extra', 'wrap_up_auto'],
  callbacks: ['callback_wait', 'callback_keep', 'callback_remind', 'follow_ups'],
  preview: ['preview_seconds', 'preview_skip', 'preview_reasons', 'preview_skip_after', 'preview_field'],
  inbound: ['inbound', 'inbound_wait', 'inbound_queue', 'blend'],
  pauses: ['pause_limits', 'pause_block'],
  contact: ['edit_fields', 'crm_url'],
} as const satisfies Record<string, readonly (keyof Settings)[]>;
export type SectionName = keyof typeof SECTIONS;

type Errors = Record<string, unknown>;

/** The error of a field, or of a part of it: "settings.edit_fields.2" belongs to edit_fields. */
export function errorAt(errors: Errors, path: string): unknown {
  return errors[path] ?? Object.entries(errors).find(([k]) => k.startsWith(path + '.'))?.[1];
}

export function sectionsWithErrors(errors: Errors): SectionName[] {
  return (Object.keys(SECTIONS) as SectionName[]).filter((s) => SECTIONS[s].some((f) => errorAt(errors, `settings.${f}`) !== undefined));
}

/** Whether the form shows errors of a setting that has no value yet: optional ones are left out until they are chosen. */
export function shownOptional(path: string): boolean {
  const key = /^settings\.([a-z_]+)/.exec(path)?.[1];
  return Object.values(SECTIONS).some((fields) => (fields as readonly string[]).includes(key ?? ''))
    || /^settings\.dispositions\.\d+\.(flags|required_fields|follow_up)/.test(path);
}

/** The settings with one changed; what is as by default is left out. */
export function put<K extends keyof DeskSettings>(s: Settings, key: K, value: DeskSettings[K]): Settings {
  const { [key]: _, ...rest } = s;
  const none = value === undefined || value === '' || value === 0 || value === false
    || (Array.isArray(value) ? value.length === 0 : typeof value === 'object' && Object.keys(value).length === 0);
  return (none ? rest : { ...rest, [key]: value }) as Settings;
}

/** All that a disposition says of a call: its flags, and what its effect says by itself. As lists.DispositionCode.Meaning. */
export function meaning(d: DispositionCode): Required<DispositionFlags> {
  const f = d.flags ?? {};
  const success = !!f.success || d.success;
  const dnc = !!f.dnc || d.effect === 'dnc';
  const refusal = !!f.refusal || !!d.refusal || dnc;
  const callback = !!f.callback || d.effect === 'callback';
  const right_party = !!f.right_party || success;
  return { success, dnc, refusal, callback, right_party, contacted: !!f.contacted || right_party || refusal || callback };
}

export const FLAGS = ['contacted', 'right_party', 'success', 'refusal'] as const;
export type Flag = (typeof FLAGS)[number];

/** Flags that follow from the others or from the effect, and cannot be taken away by themselves. */
export function implied(d: DispositionCode, flag: Flag): boolean {
  return meaning(withFlag(d, flag, false))[flag];
}

/** A disposition with one of its flags on or off. Success and refusal have two places on the server: one is enough. */
export function withFlag(d: DispositionCode, flag: Flag, on: boolean): DispositionCode {
  const { [flag]: _, ...flags } = d.flags ?? {};
  const out: DispositionCode = { ...d, flags: on && flag !== 'success' ? { ...flags, [flag]: true } : flags };
  if (flag === 'success') out.success = on;
  if (flag === 'refusal') delete out.refusal;
  if (Object.keys(out.flags!).length === 0) delete out.flags;
  return out;
}

// What the preview of an address is filled with.
const SAMPLE: Record<string, string> = {
  id: '0197a0c2-5b1e-7c11-9f00-2d6a1c0b7e44', phone: '+8613800138000', name: '王芳 & Söhne', attempt: '0197a0c2-7e02-7d3a-8a4e-91b7c5d2f310',
};
const HOLE = /\{([a-z]+)(?:\.([^{}]{1,60}))?\}/g;

function escaped(v: string): string {
  return encodeURIComponent(v).replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());
}

/** The address that an agent would open, with made-up values; null: not an address that the server takes. */
export function crmPreview(template: string): string | null {
  const scheme = /^https?:\/\//.exec(template)?.[0];
  if (!scheme) return null;
  const host = /^[^/?#]*/.exec(template.slice(scheme.length))![0];
  if (!host || /[{}@\s]/.test(host) || /[{}]/.test(template.replace(HOLE, ''))) return null;
  let sound = true;
  const filled = template.replace(HOLE, (_, name: string, field?: string) => {
    if (name === 'fields' && field) return escaped(field);
    if (field || !(name in SAMPLE)) sound = false;
    return escaped(SAMPLE[name] ?? '');
  });
  return sound && URL.canParse(filled) ? filled : null;
}

/** Checks of the desk's settings that need no server; messages are codes of code.invalid. */
export function checkDesk(s: Settings): Record<string, string> {
  const errors: Record<string, string> = {};
  if (s.crm_url && crmPreview(s.crm_url) === null) errors['settings.crm_url'] = 'webAddress';
  if (s.wrap_up_mode === 'timed_auto') {
    const d = s.dispositions.find((x) => x.code === s.wrap_up_auto);
    if (!d) errors['settings.wrap_up_auto'] = s.wrap_up_auto ? 'unknown' : 'required';
    else if (d.effect === 'callback' || d.required_fields?.length) errors['settings.wrap_up_auto'] = 'needsSomebody';
  }
  s.dispositions.forEach((d, i) => {
    if (d.follow_up && !/^[a-z0-9_]{1,40}$/.test(d.follow_up)) errors[`settings.dispositions.${i}.follow_up`] = 'format';
    const m = meaning(d);
    if (m.success && m.refusal) errors[`settings.dispositions.${i}.flags.refusal`] = 'successRefusal';
  });
  return errors;
}

import { WEEKDAYS, type CampaignDraft, type DispositionCode, type Outcome, type Settings, type Week } from '../../api/types';

/** Outcomes after which trying again makes sense; the others end the contact or say nothing of it. */
export const RECYCLED: Outcome[] = [
  'busy', 'no_answer', 'machine', 'abandoned', 'early_hangup', 'rejected', 'trunk_failed', 'switch_lost', 'cancelled', 'unknown',
];

export const NO_SCRIPT = '00000000-0000-0000-0000-000000000000';

const DAY_OF_WORK: [string, string][] = [['09:00', '18:00']];

export function weekOf(days: number, span: [string, string]): Week {
  return Object.fromEntries(WEEKDAYS.map((d, i) => [d, i < days ? [[...span]] : []])) as Week;
}

const results: DispositionCode[] = [
  { code: 'sale', label: 'Sale', label_zh: '成交', effect: 'finish', success: true },
  { code: 'not_interested', label: 'Not interested', label_zh: '无意向', effect: 'finish', success: false },
  { code: 'callback', label: 'Call back', label_zh: '约定回拨', effect: 'callback', success: false },
  { code: 'not_reached', label: 'Person not reached', label_zh: '未联系到本人', effect: 'retry', success: false },
  { code: 'do_not_call', label: 'Do not call', label_zh: '要求勿扰', effect: 'dnc', success: false },
];

const settings: Settings = {
  mode: 'progressive', ratio: 1.5, caller_id: '', hours: weekOf(5, DAY_OF_WORK[0]!), ring_timeout: 25, max_attempts: 5,
  cap: { max: 3, window_seconds: 86_400 },
  recycle: {
    busy: { after: 600, limit: 3 }, no_answer: { after: 7200, limit: 3 }, machine: { after: 14_400, limit: 2 },
    abandoned: { after: 86_400, limit: 1 }, early_hangup: { after: 86_400, limit: 1 }, trunk_failed: { after: 300, limit: 5 },
    switch_lost: { after: 300, limit: 3 }, unknown: { after: 3600, limit: 1 }, cancelled: { after: 300, limit: 5 },
  },
  script_id: NO_SCRIPT, script_version: 0, dispositions: results, record: true, amd: 'off', abandon_target: 0.03,
  answer_wait: 2, message: 'dialtide-message', wrap_up: 60,
};

export function newCampaign(): CampaignDraft {
  return { name: '', trunk_id: '', list_ids: [], settings: structuredClone(settings) };
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/;

/** "9", "9:30" and "930" become a time of day; anything else stays as typed, for the check to find. */
export function tidyTime(text: string): string {
  const m = /^(\d{1,2})[:：.]?(\d{2})?$/.exec(text.trim());
  return m ? `${m[1]!.padStart(2, '0')}:${m[2] ?? '00'}` : text.trim();
}

/** Checks what can be told without the server; messages are codes of code.invalid. Paths are as in the form. */
export function check(d: CampaignDraft): Record<string, string> {
  const errors: Record<string, string> = {};
  if (!d.name.trim()) errors.name = 'required';
  if (!d.trunk_id) errors.trunk_id = 'required';
  if (!/^\+?[0-9]{3,20}$/.test(d.settings.caller_id)) errors['settings.caller_id'] = 'phone';
  for (const day of WEEKDAYS) {
    const spans = d.settings.hours[day] ?? [];
    if (spans.some(([from, to]) => !TIME.test(from) || !TIME.test(to))) errors[`settings.hours.${day}`] = 'time';
  }
  const seen = new Set<string>();
  d.settings.dispositions.forEach((x, i) => {
    if (!/^[a-z0-9_]{1,40}$/.test(x.code)) errors[`settings.dispositions.${i}.code`] = 'format';
    else if (seen.has(x.code)) errors[`settings.dispositions.${i}.code`] = 'duplicate';
    if (!x.label.trim()) errors[`settings.dispositions.${i}.label`] = 'required';
    seen.add(x.code);
  });
  return errors;
}

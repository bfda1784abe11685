import { WEEKDAYS, type CampaignDraft, type DispositionCode, type Outcome, type Settings, type Week } from '../../api/types';
import { E164, wrongNumber } from '../../lib/numbers';
import { checkDesk } from './deskform';

/** Outcomes after which trying again makes sense; the others end the contact or say nothing of it. */
export const RECYCLED: Outcome[] = [
  'busy', 'no_answer', 'machine', 'abandoned', 'early_hangup', 'rejected', 'switch_lost', 'cancelled', 'unknown', 'invalid_number',
];

export const NO_SCRIPT = '00000000-0000-0000-0000-000000000000';

export function weekOf(days: number, span: [string, string]): Week {
  return Object.fromEntries(WEEKDAYS.map((d, i) => [d, i < days ? [[...span]] : []])) as Week;
}

const results: DispositionCode[] = [
  { code: 'sale', label: 'Sale', label_zh: '成交', effect: 'finish', success: true },
  { code: 'appointment', label: 'Appointment made', label_zh: '已预约', effect: 'finish', success: true },
  { code: 'callback', label: 'Call back later', label_zh: '稍后回电', effect: 'callback', success: false },
  { code: 'not_interested', label: 'Not interested', label_zh: '不感兴趣', effect: 'finish', success: false },
  { code: 'refused', label: 'Never call again', label_zh: '拒绝来电', effect: 'dnc', success: false },
  { code: 'wrong_number', label: 'Wrong number', label_zh: '号码错误', effect: 'finish', success: false },
  { code: 'language', label: 'Language barrier', label_zh: '语言不通', effect: 'finish', success: false },
  { code: 'no_talk', label: 'No conversation, try again', label_zh: '未能通话，再次拨打', effect: 'retry', success: false },
];

// As lists.DefaultSettings on the server.
const settings: Settings = {
  mode: 'progressive', ratio: 1, caller_id: '', hours: { ...weekOf(5, ['09:00', '20:00']), sat: [['10:00', '18:00']] }, ring_timeout: 25, max_attempts: 6,
  cap: { max: 3, window_seconds: 86_400 },
  recycle: {
    busy: { after: 900, limit: 4 }, no_answer: { after: 7200, limit: 4 }, machine: { after: 14_400, limit: 3 },
    early_hangup: { after: 86_400, limit: 1 }, abandoned: { after: 259_200, limit: 1 }, rejected: { after: 86_400, limit: 1 },
    cancelled: { after: 300, limit: 5 }, switch_lost: { after: 900, limit: 3 }, unknown: { after: 14_400, limit: 2 },
  },
  script_id: NO_SCRIPT, script_version: 0, dispositions: results, record: true, amd: 'off', abandon_target: 0.03,
  answer_wait: 2, message: 'dialtide/safe-harbor', wrap_up: 60,
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
  if (!E164.test(d.settings.caller_id)) errors['settings.caller_id'] = 'phone';
  const more = d.settings.caller_ids ?? [];
  if (wrongNumber(more)) errors['settings.caller_ids'] = 'phone';
  else if (more.includes(d.settings.caller_id)) errors['settings.caller_ids'] = 'duplicate';
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
  return { ...errors, ...checkDesk(d.settings) };
}

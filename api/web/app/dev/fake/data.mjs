// Made-up people, campaigns and calls for the fake server. Deterministic, so that pictures can be compared.
let seed = 7;
export const rnd = () => ((seed = (seed * 16807) % 2147483647) - 1) / 2147483646;
export const pick = (list) => list[Math.floor(rnd() * list.length)];
export const uuid = (kind, n) => `0000000${kind}-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();

const family = ['王', '李', '张', '刘', '陈', '杨', '赵', '黄', '周', '吴', '欧阳', '司马'];
const given = ['伟', '芳', '娜', '秀英', '敏', '静', '丽', '强', '磊', '洋', '艳', '雪梅', '建国'];
const first = ['Alice', 'Bruno', 'Chiara', 'Deniz', 'Elena', 'Farid', 'Grace', 'Hiro', 'Ines', 'Jamal', 'Konstantina-Alexandra'];
const last = ['Moreau', 'Okafor', 'Lindqvist', 'Tanaka', 'Abernathy-Featherstonehaugh', 'Costa', 'Novak', 'Singh', 'Weber'];
export const name = () => (rnd() < 0.5 ? pick(family) + pick(given) : `${pick(first)} ${pick(last)}`);
export const phone = () => (rnd() < 0.6 ? '+861' + (3 + Math.floor(rnd() * 6)) + String(Math.floor(rnd() * 1e9)).padStart(9, '0') : '+1415555' + String(Math.floor(rnd() * 1e4)).padStart(4, '0'));

export const users = [
  { id: uuid(1, 1), login: 'agent', name: 'Alice Moreau', role: 'agent', language: 'en', endpoint: 'agent-001' },
  { id: uuid(1, 2), login: 'supervisor', name: 'Sven Lindqvist', role: 'supervisor', language: 'en', endpoint: 'supervisor-001' },
  { id: uuid(1, 3), login: 'manager', name: '李秀英', role: 'list_manager', language: 'en', endpoint: '' },
  { id: uuid(1, 4), login: 'admin', name: 'Konstantina-Alexandra Abernathy-Featherstonehaugh', role: 'admin', language: 'en', endpoint: '' },
].map((u) => ({ disabled: false, created_at: ago(9e6), ...u }));
for (let i = 5; i < 40; i++) users.push({ id: uuid(1, i), login: `agent-${i}`, name: name(), role: 'agent', language: pick(['en', 'zh-CN']), endpoint: `agent-${i}`, disabled: i === 9, created_at: ago(1e6) });

export const dispositions = [
  { code: 'sale', label: 'Sale', label_zh: '成交', effect: 'finish', success: true },
  { code: 'appointment', label: 'Appointment made', label_zh: '已预约', effect: 'finish', success: true },
  { code: 'callback', label: 'Call back later', label_zh: '稍后回电', effect: 'callback', success: false },
  { code: 'not_interested', label: 'Not interested', label_zh: '不感兴趣', effect: 'finish', success: false },
  { code: 'refused', label: 'Never call again', label_zh: '拒绝来电', effect: 'dnc', success: false },
  { code: 'wrong_number', label: 'Wrong number', label_zh: '号码错误', effect: 'finish', success: false },
  { code: 'language', label: 'Language barrier', label_zh: '语言不通', effect: 'finish', success: false },
  { code: 'no_talk', label: 'No conversation, try again', label_zh: '未能通话，再次拨打', effect: 'retry', success: false },
];
const day = [['09:00', '12:00'], ['13:00', '20:00']];
const settings = (mode, ratio) => ({
  mode, ratio, caller_id: '+861066668888', hours: { mon: day, tue: day, wed: day, thu: day, fri: day, sat: [['10:00', '18:00']], sun: [] },
  ring_timeout: 25, max_attempts: 6, cap: { max: 3, window_seconds: 86400 },
  recycle: { busy: { after: 900, limit: 4 }, no_answer: { after: 7200, limit: 4 }, machine: { after: 14400, limit: 3 } },
  script_id: uuid(5, 1), script_version: 2, dispositions, record: true, amd: 'beside', abandon_target: 0.03, answer_wait: 2, message: 'dialtide/safe-harbor', wrap_up: 60, packs: ['us-federal', 'us-states'],
});
export const lists = [
  { id: uuid(3, 1), name: 'Spring renewals 2026', region: 'US', created_at: ago(864000), created_by: null, contacts: 2000 },
  { id: uuid(3, 2), name: '春季续费客户名单（华东、华南、西南、华北、东北地区，含历史未接通客户与二次回访客户）', region: 'CN', created_at: ago(500000), created_by: null, contacts: 148203 },
  { id: uuid(3, 3), name: 'Trial sign-ups, week 46', region: 'CN', created_at: ago(3600), created_by: null, contacts: 0 },
];
export const trunks = [{ id: uuid(4, 1), name: 'carrier-a', endpoint: 'carrier-a', max_channels: 240, cps: 20 }, { id: uuid(4, 2), name: 'carrier-b', endpoint: 'carrier-b', max_channels: 60, cps: 5 }];
const campaign = (n, nm, status, mode, ratio, l) => ({ id: uuid(2, n), name: nm, status, trunk_id: trunks[0].id, list_ids: l, settings: settings(mode, ratio), revision: 3 });
export const campaigns = [
  campaign(1, 'Spring renewals', 'running', 'power', 1.8, [lists[0].id]),
  campaign(2, '春季续费回访（华东大区重点客户与历史高价值客户专项外呼活动第二阶段）', 'running', 'progressive', 1, [lists[1].id]),
  campaign(3, 'Trial follow-up', 'paused', 'power', 1.4, [lists[2].id]),
  campaign(4, 'Winter survey', 'draining', 'progressive', 1, [lists[0].id, lists[1].id]),
  campaign(5, 'Autumn survey', 'stopped', 'progressive', 1, [lists[0].id]),
];
campaigns[1].settings.registries = [{ region: 'GB', max_age_days: 28 }, { region: 'US-FL', max_age_days: 92 }];
export const script = {
  id: uuid(5, 1), name: 'Renewal', version: 2, created_at: ago(90000),
  body: {
    start: 'intro', steps: [
      { id: 'intro', title: { en: 'Greeting', 'zh-CN': '开场' }, text: { en: 'Good day, is this {{contact.name}}? My name is {{agent.name}}, I am calling about your {{contact.fields.plan}} plan, which ends on {{contact.fields.ends}}.\nDo you have two minutes?', 'zh-CN': '您好，请问是{{contact.name}}吗？我是{{agent.name}}，关于您的“{{contact.fields.plan}}”套餐，将于 {{contact.fields.ends}} 到期。\n现在方便占用您两分钟时间吗？' }, ask: { type: 'single', required: true, options: [{ value: 'yes', label: { en: 'Yes, go on', 'zh-CN': '方便，请讲' } }, { value: 'later', label: { en: 'Not now', 'zh-CN': '现在不方便' } }, { value: 'no', label: { en: 'No interest', 'zh-CN': '没有兴趣' } }, { value: 'wrong', label: { en: 'Wrong person', 'zh-CN': '打错了' } }] }, next: [{ when: "answer == 'yes'", to: 'offer' }, { when: "answer == 'later'", to: 'later' }, { to: 'bye' }] },
      { id: 'offer', title: { en: 'Offer', 'zh-CN': '介绍优惠' }, text: { en: 'If you renew this week, the price stays as it is for two more years.', 'zh-CN': '本周续费可享受两年价格不变。' }, ask: { type: 'single', options: [{ value: 'renew', label: { en: 'Renews', 'zh-CN': '同意续费' } }, { value: 'think', label: { en: 'Wants to think', 'zh-CN': '考虑一下' } }] }, next: [{ when: "answer == 'renew'", to: 'email' }, { to: 'later' }] },
      { id: 'email', title: { en: 'E-mail', 'zh-CN': '邮箱' }, text: { en: 'Where may we send the confirmation?', 'zh-CN': '确认函发送到哪个邮箱？' }, ask: { type: 'text' }, next: [{ to: 'thanks' }], suggest: 'sale' },
      { id: 'later', title: { en: 'Call back', 'zh-CN': '约定回电' }, text: { en: 'When may I call you again?', 'zh-CN': '我什么时候方便再打给您？' }, ask: { type: 'date' }, next: [{ to: 'end' }], suggest: 'callback' },
      { id: 'bye', title: { en: 'Goodbye', 'zh-CN': '结束语' }, text: { en: 'Thank you for your time. Goodbye.', 'zh-CN': '感谢您的时间，再见。' }, suggest: 'not_interested' },
      { id: 'thanks', title: { en: 'Thanks', 'zh-CN': '致谢' }, text: { en: 'Thank you, {{contact.name}}. You will have it in a minute.', 'zh-CN': '谢谢您，{{contact.name}}，稍后您会收到确认函。' } },
    ],
  },
};
const outcomes = ['connected', 'connected', 'connected', 'no_answer', 'no_answer', 'no_answer', 'busy', 'machine', 'invalid_number', 'abandoned', 'rejected', 'early_hangup', 'trunk_failed'];
export const contacts = [];
for (let i = 1; i <= 260; i++) contacts.push({ id: uuid(6, i), list_id: lists[0].id, seq: i, phone: phone(), name: i === 3 ? '' : name(), zones: rnd() < 0.6 ? ['Asia/Shanghai'] : ['America/Los_Angeles', 'America/New_York'], fields: { plan: pick(['Basic', 'Plus', '家庭套餐']), ends: '2026-12-31', city: pick(['上海', 'San Francisco', '成都']) }, attempts: 0 });
export const attempts = [];
for (let i = 1; i <= 160; i++) {
  const c = pick(contacts); const outcome = pick(outcomes); const at = i * 47 + 60; const talked = outcome === 'connected';
  attempts.push({ id: uuid(7, i), phone: c.phone, campaign_id: campaigns[i % 2].id, list_id: c.list_id, contact_id: c.id, contact_name: c.name, trunk_id: trunks[0].id, caller_id: '+861066668888', kind: i % 9 === 0 ? 'callback' : 'power', permit_at: ago(at), answered_at: talked ? ago(at - 11) : null, bridged_at: talked ? ago(at - 11.2) : null, ended_at: ago(at - (talked ? 30 + rnd() * 300 : 22)), agent_id: talked ? users[i % 30].id : null, agent_name: talked ? users[4 + (i % 30)].name : '', outcome, cause: 16, sip_code: talked ? 0 : 486, hung_up_by: 'callee', amd: '', disposition: talked ? pick(dispositions).code : '', note: talked && rnd() < 0.4 ? 'Wants the offer in writing; asked twice about the price of the family plan. 客户希望书面确认。' : '', recorded: talked });
}
export const dnc = [1, 2, 3, 4, 5].map((i) => ({ id: uuid(8, i), phone: phone(), campaign_id: i === 3 ? campaigns[0].id : null, reason: i === 2 ? 'Regulator request 2026-118' : 'Asked not to be called', by: null, until: i === 4 ? ago(-8e6) : null, created_at: ago(i * 80000) }));
export const pop = (n = 1) => {
  const c = { ...contacts[n % contacts.length] };
  return {
    attempt_id: uuid(9, n), campaign: { id: campaigns[0].id, name: campaigns[0].name }, contact: { id: c.id, name: c.name, phone: c.phone, zone: c.zones[0], local_time: ago(0), fields: { ...c.fields, customer_no: 'A-' + (10000 + n), note_from_list: 'Moved in 2024; prefers calls after lunch', '客户等级': '金卡' } },
    history: [{ at: ago(86400 * 3), outcome: 'connected', agent: '王雪梅', disposition: 'callback', note: 'Call again after the holiday, ask for the contract number first. 节后再联系。' }, { at: ago(86400 * 9), outcome: 'no_answer', agent: '', disposition: '', note: '' }, { at: ago(86400 * 40), outcome: 'machine', agent: '', disposition: '', note: '' }],
    script: { id: script.id, version: 2 }, answers: {}, dispositions, caller_id: '+861066668888',
  };
};

// Made-up law for the fake server: packs, reasons, registries, consents, one contact's way.
import { randomUUID } from 'node:crypto';
import { ago, attempts, campaigns, contacts, dnc, lists, rnd, uuid } from './data.mjs';

const everyday = (from, to) => Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((d) => [d, [[from, to]]]));
const rule = (id, kind, title, title_zh, more) => ({ id, kind, title, title_zh, source: '47 CFR 64.1200(c)(1)', mark: 'S', verified: '2026-11-21', ...more });
const federal = [
  rule('us.hours', 'hours', "Calls between 8:00 and 21:00 at the called party's location", '仅可在被叫方当地时间 8:00 至 21:00 之间呼叫', { hours: everyday('08:00', '21:00'), override: ['consent'] }),
  rule('us.registry', 'registry', 'Numbers checked against a copy of the national Do Not Call registry that is at most 31 days old', '须用不超过 31 天的全国谢绝来电登记副本核对号码', { region: 'US', max_age_seconds: 31 * 86400, activities: ['sales'], mark: 'V', override: ['consent', 'relationship'] }),
  rule('us.abandonment', 'abandonment', 'At most 3 % of the calls that people answer are abandoned, per campaign and 30 days', '每个活动每 30 天内，真人接听后被放弃的呼叫不超过 3%', { share: 0.03, block: '30d', within_seconds: 2 }),
  rule('us.ring', 'ring', 'At least 15 seconds or 4 rings before an unanswered call is given up', '未接来电至少振铃 15 秒或 4 声后方可挂断', { ring_seconds: 15 }),
  rule('us.keep', 'keep', 'Records are kept for 5 years', '记录保存 5 年', { window_seconds: 1827 * 86400 }),
  rule('us.debt.calls', 'cap', 'At most 7 calls in 7 consecutive days to a person about a debt', '催收：连续 7 天内对同一人同一债务最多呼叫 7 次', { max: 7, window_seconds: 7 * 86400, scope: 'person', activities: ['debt'], mark: 'V', verified: '2025-01-02' }),
  rule('us.debt.conversation', 'pause', 'No call about a debt for 7 days after a conversation', '催收：通话后 7 天内不得再次呼叫', { after: 'conversation', days: 7, activities: ['debt'] }),
  rule('us.request', 'conduct', 'A request not to be called again is honoured within 10 business days; here it is at once, by the DNC disposition', '对方要求不再来电的，须在 10 个工作日内执行；本系统通过“拒绝来电”结果立即执行', {}),
];
const states = Array.from({ length: 60 }, (_, i) => rule(`us-s${i}.hours`, 'hours', `State rule ${i + 1}: calls only between 8:00 and ${18 + (i % 4)}:00 on weekdays, none on holidays`, `州规则 ${i + 1}：工作日 8:00 至 ${18 + (i % 4)}:00 之间呼叫，节假日不呼叫`, { where: [['US-FL', 'US-TX', 'US-WA', 'US-OK'][i % 4]], hours: { ...everyday('08:00', `${18 + (i % 4)}:00`), sat: [['09:00', '17:00']], sun: [] }, holidays: ['state'], from: i % 7 === 0 ? '2026-08-11' : undefined }));
const pack = (id, title, title_zh, covers, rules) => ({ id, version: '2026-11-21', covers, title, title_zh, rules });
const packs = [
  pack('cn', 'China', '中国', ['CN'], [rule('cn.hours', 'hours', 'No commercial calls at night', '夜间不得拨打商业性电话', { hours: everyday('08:00', '21:00') }), rule('cn.consent', 'consent', 'Commercial calls need consent', '商业性电话须取得同意', {})]),
  pack('gb', 'United Kingdom', '英国', ['GB', 'GG', 'JE', 'IM'], [rule('gb.caller', 'caller_id', 'A number that can be called back is shown', '须显示可回拨的号码', {}), rule('gb.abandoned', 'pause', 'No call for 72 hours after an abandoned one, unless an agent is there', '呼损后 72 小时内不得再呼，除非已有坐席', { after: 'abandoned', window_seconds: 72 * 3600, unless: 'agent' })]),
  pack('us-federal', 'United States, federal', '美国联邦', ['US', 'PR', 'VI', 'GU', 'AS', 'MP'], federal),
  pack('us-states', 'United States, states', '美国各州', ['US'], states),
];
const answer = (r, kind, pass, title, title_zh, why, why_zh, more = {}) => ({ rule: r, kind, pass, title, title_zh, why, why_zh, ...more });
const answers = () => [
  answer('campaign', 'campaign', true, 'Campaign', '活动', 'The campaign is running.', '活动正在运行。'),
  answer('dialer', 'dialer', true, 'Dialer', '拨号进程', 'A dialer process works on the campaign.', '有拨号进程在处理该活动。'),
  answer('state', 'state', false, 'Place in the campaign', '在活动中的状态', 'It waits (no_answer).', '等待中（no_answer）。', { until: ago(-7200) }),
  answer('dnc', 'dnc', false, 'Do-not-call list', '谢绝来电名单', 'The number or the person is on the do-not-call list.', '号码或本人在谢绝来电名单上。', { act: true, dnc: [dnc[1], { ...dnc[0], phone: '', person: 'customer-48211' }] }),
  answer('registry', 'registry', false, 'Registry', '谢绝来电登记', 'The number is on a do-not-call registry.', '该号码在谢绝来电登记名单上。', { registries: ['National Do Not Call Registry'] }),
  answer('campaign.hours', 'hours', true, 'Calling hours of the campaign', '活动设置的呼叫时段', 'permits the call', '允许呼叫'),
  answer('us.hours', 'hours', false, federal[0].title, federal[0].title_zh, 'outside the calling hours of the callee', '不在被叫方的可呼叫时段内', { pack: 'us-federal', until: ago(-30000), source: federal[0].source, mark: 'S' }),
  answer('us.registry', 'registry', true, federal[1].title, federal[1].title_zh, 'permits the call', '允许呼叫', { pack: 'us-federal', source: federal[1].source, mark: 'V' }),
  answer('us.request', 'conduct', true, federal[7].title, federal[7].title_zh, 'kept by people and settings, not asked before a call', '由人员和设置保证，呼叫前不检查', { pack: 'us-federal', source: federal[7].source, mark: 'S' }),
];
const contactWhy = (campaign, contact) => (campaign === campaigns[1].id
  ? { campaign_id: campaign, contact_id: contact, phone: '+12065550100', at: ago(0), dialable: true, rule: '', next: ago(0), state: 'untouched', reason: '', due_at: null, attempts: 0, answers: answers().map((a) => ({ ...a, pass: true, until: undefined, dnc: undefined, registries: undefined, why: 'permits the call', why_zh: '允许呼叫' })) }
  : { campaign_id: campaign, contact_id: contact, phone: '+12065550100', at: ago(0), dialable: false, rule: 'state', next: null, state: 'waiting', reason: 'no_answer', due_at: ago(-7200), attempts: 3, answers: answers() });
const reasons = [['untouched', '', 41022], ['untouched', 'hours', 60213, ago(-36000)], ['untouched', 'registry', 3021], ['untouched', 'consent', 811], ['waiting', 'no_answer', 18022], ['waiting', 'busy', 4021], ['waiting', 'callback', 46], ['in_flight', '', 14], ['finished', 'sale', 888], ['finished', 'not_interested', 14301], ['finished', 'max_attempts', 5120], ['excluded', 'dnc', 611], ['excluded', 'duplicate', 113]];
const campaignWhy = (id) => {
  const rows = reasons.map(([state, reason, n, next]) => ({ state, reason, contacts: n, next }));
  const dry = id !== campaigns[0].id;
  return { campaign_id: id, at: ago(0), status: 'running', dialable: !dry, reason: dry ? 'hours' : '', why: dry ? 'The contacts that are left are outside their calling hours.' : 'Contacts may be called now.', why_zh: dry ? '剩余联系人当前不在可呼叫时段内。' : '现在有可以呼叫的联系人。', next: dry ? ago(-36000) : null, loaded: rows.reduce((n, r) => n + r.contacts, 0), untouched: 105067, due: 210, next_due: ago(-300), estimated: false, judged: 240, reasons: rows.filter((r) => !dry || r.reason !== '' || r.state !== 'untouched'),
    zones: [['US-FL', ['America/New_York', 'America/Chicago'], 60122, true], ['US', ['America/New_York', 'America/Chicago', 'America/Denver', 'America/Phoenix', 'America/Los_Angeles', 'America/Anchorage', 'Pacific/Honolulu'], 48211, false], ['CN-31', ['Asia/Shanghai'], 40213, false], ['GB', ['Europe/London'], 0, false]].map(([region, zones, n, open], i) => ({ region, zones, contacts: n, open, next: open ? ago(0) : i === 3 ? null : ago(-36000) })) };
};
const registries = [
  { id: uuid(11, 1), name: 'National Do Not Call Registry', region: 'US', everyone: true, numbers: 248120331, as_of: ago(86400 * 12), loaded_at: ago(86400 * 12), created_at: ago(9e6), coverage: [] },
  { id: uuid(11, 2), name: 'Florida no-sales-solicitation list (quarterly, sent by post on a disc and copied by hand)', region: 'US-FL', everyone: false, numbers: 1204113, as_of: ago(86400 * 95), loaded_at: ago(86400 * 90), created_at: ago(9e6), coverage: ['+1239', '+1305', '+1321', '+1352', '+1386', '+1407', '+1561', '+1727'] },
  { id: uuid(11, 3), name: 'TPS', region: 'GB', everyone: true, numbers: 0, as_of: null, loaded_at: null, created_at: ago(3600), coverage: [] },
];
const load = (no, r, state, more) => ({ no, registry_id: r.id, file_name: `${r.region}_2026-11.txt`, as_of: ago(86400 * 12), state, stage: 'reading', bytes_total: 3.1e9, bytes_read: 3.1e9, lines: 248120338, numbers: 248120331, bad: 0, bad_lines: [], error: '', created_at: ago(86400 * 12), ended_at: ago(86400 * 12 - 900), ...more });
const loads = { [registries[0].id]: [load(4, registries[0], 'running', { bytes_read: 1.4e9, numbers: 112004331, ended_at: null, created_at: ago(300) }), load(3, registries[0], 'done', { bad: 7, bad_lines: [1, 2, 3].map((i) => ({ line: i * 91820, value: '206-555-01', reason: 'phone_invalid' })) }), load(2, registries[0], 'failed', { error: 'lines of the file hold no number: mend them or say how many may be left out', numbers: 0 })], [registries[1].id]: [load(1, registries[1], 'done', { numbers: 1204113 })] };
const consents = Array.from({ length: 500 }, (_, i) => ({ id: uuid(12, 500 - i), phone: i % 9 === 8 ? '' : contacts[i % contacts.length].phone, person: i % 3 === 0 ? `customer-${48000 + i}` : '', purpose: ['marketing', 'survey', 'contract_renewal'][i % 3], evidence: i % 2 ? 'Box ticked on the web form; IP address and page version are in the archive under 2026/11/0' + i : '电话录音 2026-11-0' + (i % 9), evidence_sha256: '', source: i % 2 ? 'web form' : '', given_at: ago(86400 * (i + 1)), until: i % 4 === 1 ? ago(86400 * (i % 8 === 1 ? -300 : 1)) : null, recorded_at: ago(86400 * i), recorded_by: null, withdrawn_at: i % 11 === 5 ? ago(3600) : null, withdrawn_how: i % 11 === 5 ? 'said so on the phone' : '' }));
const people = Array.from({ length: 500 }, (_, i) => ({ ...dnc[i % 5], id: uuid(13, 500 - i), phone: i % 6 === 4 ? '' : '+1206555' + String(1000 + i), person: i % 6 === 4 ? `customer-${50000 + i}-with-a-rather-long-name-of-its-own` : '', created_at: ago(i * 4000 + 90) }));
const overrides = Array.from({ length: 500 }, (_, i) => ({ id: uuid(14, 500 - i), rule: i % 3 ? 'us.registry' : 'us.hours', ground: i % 2 && i % 3 ? 'relationship' : 'consent', phone: i % 5 === 4 ? '' : i % 2 ? contacts[i % contacts.length].phone : '+1206555' + String(1000 + i), contact_id: i % 5 === 4 ? contacts[i % contacts.length].id : null, campaign_id: i % 4 === 1 ? campaigns[0].id : null, why: i % 2 ? 'Bought the family tariff on 2026-03-02, contract 48211-B; the signed form is in the archive under 2026/03' : '电话中明确同意晚间来电，录音 2026-11-0' + (i % 9), since: ago(86400 * (i % 40)), until: ago(86400 * (i % 7 === 3 ? 1 : -60)), by: null, made_at: ago(86400 * (i % 40)), ended_at: i % 11 === 6 ? ago(3600) : null, ended_by: null, ended_why: i % 11 === 6 ? 'contract ended' : '' }));
const paged = (all, q, n = 100) => { const from = q.get('before') ? all.findIndex((x) => x.id === q.get('before')) + 1 : 0; return { items: all.slice(from, from + n) }; };

function journey(id, q) {
  const contact = contacts.find((c) => c.id === id);
  const own = attempts.filter((a) => a.contact_id === id).concat(attempts.slice(0, 60));
  const events = own.map((attempt) => ({ at: attempt.permit_at, kind: 'attempt', other: false, campaign: campaigns.find((c) => c.id === attempt.campaign_id).name, attempt }));
  events.push({ at: ago(500), kind: 'callback', other: false, campaign: campaigns[0].name, callback: { id: uuid(8, 77), campaign_id: campaigns[0].id, agent_id: null, due_at: ago(-7200), note: 'Ask for the contract number', state: 'open', attempt_id: own[0].id, created_at: ago(500) } });
  events.push({ at: ago(700), kind: 'consent', other: false, campaign: '', consent: { ...consents[0], phone: contact.phone } }, { at: ago(300), kind: 'withdrawn', other: false, campaign: '', consent: { ...consents[5], withdrawn_how: 'said so on the phone' } }, { at: ago(200), kind: 'dnc', other: false, campaign: '', dnc: dnc[1] }, { at: ago(10), kind: 'open', other: q.get('others') === 'true', campaign: campaigns[1].name, open: { attempt_id: uuid(9, 9), phone: contact.phone, campaign_id: campaigns[1].id, at: ago(10) } }, { at: ago(9e6), kind: 'loaded', other: false, campaign: '', import_id: uuid(1, 1) });
  events.sort((a, b) => (a.at < b.at ? 1 : -1));
  const from = Number(q.get('after') || 0);
  return { events: events.slice(from, from + 50), next: from + 50 < events.length ? String(from + 50) : '' };
}
const found = (q) => {
  const text = (q.get('q') ?? '').toLowerCase();
  const digits = text.replace(/\D/g, '');
  const hits = contacts.filter((c) => c.name.toLowerCase().includes(text) || digits.length > 2 && c.phone.includes(digits));
  return { items: hits.slice(0, 100).map((c, i) => ({ ...c, list_name: i % 4 === 1 ? lists[1].name : lists[0].name, key: i % 2 ? `customer-${1000 + i}` : '', archived: i % 7 === 3 })), more: hits.length > 100, indexing: false };
};
const bins = (n, miss) => Array.from({ length: 12 }, (_, i) => { const mean = (i + 0.5) / 20; const count = Math.round(n * Math.exp(-((i - 4) ** 2) / 9)); return { from: i / 20, to: (i + 1) / 20, mean, rate: Math.min(1, Math.max(0, mean + (rnd() - 0.5) * miss)), count }; });
const scores = (n, miss) => ({ count: n, rate: 0.241, mean: 0.243, brier: 0.1662, brier_base: 0.1829, log_loss: 0.51, calibration_error: miss / 4, bins: bins(n / 5, miss) });
const chances = (id) => (id === campaigns[2].id ? { learned: 0, base: 0, all: { count: 0, bins: null }, recent: { count: 0, bins: null }, dialled: { count: 0, bins: null }, updated_at: '0001-01-01T00:00:00Z' } : { learned: 18231, base: 0.24, all: scores(18231, 0.05), recent: scores(4980, 0.08), dialled: scores(17344, 0.06), updated_at: ago(60) });

export const routes = {
  'GET /rules/packs': () => ({ items: packs }),
  'POST /rules/check': (u, b) => ({ permit: false, rule: 'us.hours', kind: 'hours', until: ago(-30000), why: 'outside the calling hours of the callee', why_zh: '不在被叫方的可呼叫时段内', phone: b.phone, number: { region: 'US-WA', zones: ['America/Los_Angeles'] }, answers: answers().filter((a) => a.pack || a.kind === 'hours') }),
  'GET /contacts': (u, b, q) => found(q),
  'GET /contacts/{}/journey': (u, b, id, q) => journey(id, q),
  'GET /campaigns/{}/why': (u, b, id) => campaignWhy(id),
  'GET /campaigns/{}/contacts/{}/why': (u, b, campaign, contact) => contactWhy(campaign, contact),
  'GET /campaigns/{}/chances': (u, b, id) => chances(id),
  'GET /registries': () => ({ items: registries }), 'GET /registries/{}/loads': (u, b, id) => ({ items: loads[id] ?? [] }),
  'POST /registries': (u, b) => { const r = { id: randomUUID(), numbers: 0, as_of: null, loaded_at: null, created_at: ago(0), ...b }; registries.push(r); return { status: 201, body: r }; },
  'POST /registries/{}/loads': (u, b, id) => { const l = load(9, registries.find((r) => r.id === id), 'running', { bytes_read: 0, numbers: 0, ended_at: null }); loads[id] = [l, ...(loads[id] ?? [])]; return { status: 202, body: l }; },
  'DELETE /registries/{}': (u, b, id) => { registries.splice(registries.findIndex((r) => r.id === id), 1); return { status: 204 }; },
  'DELETE /registries/{}/loads/{}': (u, b, id, no) => { loads[id].find((l) => l.no === Number(no)).state = 'cancelled'; return { status: 204 }; },
  'PUT /registries/{}/coverage': (u, b, id) => (b.coverage.includes('+1999') ? { status: 422, body: { status: 422, code: 'invalid_input', detail: 'coverage', errors: [{ location: 'body.coverage[0]', message: 'must be a region within US' }] } } : Object.assign(registries.find((r) => r.id === id), b)),
  'GET /overrides': (u, b, q) => {
    const of = q.get('contact_id') && contacts.find((c) => c.id === q.get('contact_id'));
    const begins = (o) => (o.phone || contacts.find((c) => c.id === o.contact_id)?.phone || '').startsWith(q.get('phone')?.replace(/^\+?/, '+') ?? '');
    const who = (o) => contacts.find((c) => c.id === o.contact_id || c.phone === o.phone) ?? null;
    return paged(overrides.filter((o) => begins(o) && (!of || o.contact_id === of.id || o.phone === of.phone) && (!q.get('rule') || o.rule === q.get('rule')) && (q.get('valid') !== 'true' || !o.ended_at && Date.parse(o.until) > Date.now())).map((o) => ({ ...o, who: who(o) })), q);
  },
  'POST /overrides': (u, b) => { const o = { id: randomUUID(), phone: '', contact_id: null, campaign_id: null, since: ago(0), made_at: ago(0), by: u.id, ended_at: null, ended_by: null, ended_why: '', ...b }; overrides.unshift(o); return { status: 201, body: o }; },
  'DELETE /overrides/{}': (u, b, id, q) => { Object.assign(overrides.find((o) => o.id === id), { ended_at: ago(0), ended_why: q.get('reason') }); return { status: 204 }; },
  'POST /consents/file': () => ({ header: ['phone', 'purpose', 'given_at', 'evidence'], rows: 1203, added: 1150, known: 44, rejected: 9, rejects: ['phone_invalid', 'not_a_date', 'consent_invalid', 'phone_missing', 'row_encoding', 'phone_invalid', 'consent_invalid', 'field_too_long', 'phone_rounded'].map((reason, i) => ({ row_no: 7 + i * 91, field: ['phone', 'given_at', 'evidence'][i % 3], value: reason === 'consent_invalid' ? 'must say how the consent was given, or give the SHA-256 of a file that does' : ['1380013', '2026-31-31', '=HYPERLINK("http://x")'][i % 3], reason, record: ['1380013', 'marketing', '2026-31-31', '=HYPERLINK("http://x")'] })) }),
  'POST /people/files': () => ({ record: 'everything' }),
  'POST /people/erasures': (u, b) => ({ contacts: 3, numbers: 2, attempts: 14, notes: 5, answers: 22, consents: 2, dnc: 1, overrides: 1, recordings_deleted: b.keep_recordings ? 0 : 6, recordings: b.keep_recordings ? [1, 2, 3].map((n) => ({ attempt_id: uuid(9, n), path: 'x', sha256: 'y' })) : [] }),
  'GET /consents': (u, b, q) => paged(consents.filter((c) => c.phone.startsWith(q.get('phone') ?? '') && (!q.get('purpose') || c.purpose === q.get('purpose'))), q),
  'POST /consents': (u, b) => { consents.unshift({ evidence_sha256: '', person: '', phone: '', source: '', until: null, withdrawn_at: null, withdrawn_how: '', id: randomUUID(), recorded_at: ago(0), ...b.consents[0] }); return { status: 201, body: { added: 1, known: 0 } }; },
  'POST /consents/withdrawals': (u, b) => { Object.assign(consents.find((c) => c.id === b.id), { withdrawn_at: ago(0), withdrawn_how: b.how }); return { withdrawn: 1 }; },
  'GET /dnc': (u, b, q) => paged(people.filter((x) => x.phone.startsWith(q.get('phone') ?? '') && x.reason.toLowerCase().includes((q.get('q') ?? '').toLowerCase())), q),
  'POST /dnc': (u, b) => { const e = { id: randomUUID(), campaign_id: null, until: null, by: u.id, created_at: ago(0), phone: '', person: '', ...b }; people.unshift(e); return { status: 201, body: e }; },
  'DELETE /dnc/{}': (u, b, id) => { people.splice(people.findIndex((x) => x.id === id), 1); return { status: 204 }; },
  'POST /dnc/file': () => ({ lines: 1203, numbers: 1200, bad: 3, bad_lines: [{ line: 7, value: 'n/a', reason: 'phone_invalid' }], added: 1180 }),
};

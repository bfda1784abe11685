// Lists, files and segments of the fake server: progress, work in the background, the wizard, filters.
import { randomUUID } from 'node:crypto';
import * as d from './data.mjs';
import { change } from './stream.mjs';

for (const l of d.lists) Object.assign(l, { revision: 1, archived_at: null });
for (let i = 0; i < Number(process.env.FAKE_LISTS ?? 0); i++) d.lists.push({ id: d.uuid(6, i), name: `Extra list ${i} with quite a long name`, region: 'GB', created_at: d.ago(9e5 + i), created_by: null, contacts: i * 7, revision: 1, archived_at: i % 9 ? null : d.ago(100) });

const place = (list, campaign) => {
  const n = list.contacts, finished = Math.floor(n * 0.41), dnc = Math.floor(n * 0.03), cap = Math.floor(n * 0.02), flight = Math.min(14, Math.floor(n / 100));
  return { list_id: list.id, campaign_id: campaign.id, loaded: n, dialable: n - finished - dnc - cap - flight, untouched: Math.floor(n / 3), in_flight: flight, finished, finished_by: { sale: Math.floor(finished / 4), max_attempts: finished - Math.floor(finished / 4) }, excluded: { dnc, cap }, waiting_for: { no_answer: Math.floor(n / 20), callback: 3 } };
};
export const places = () => d.campaigns.flatMap((c) => c.list_ids.map((id) => d.lists.find((l) => l.id === id)).filter((l) => l && l.contacts > 0).map((l) => place(l, c)));
const jobs = [];
export function startJob(kind, list, more = {}) {
  const j = { id: randomUUID(), kind, list_id: list, campaign_id: null, state: 'running', total: 2000, seen: 0, changed: 0, skipped: 0, problem: '', new_lists: [], created_at: d.ago(0), ended_at: null, ...more };
  jobs.unshift(j);
  const timer = setInterval(() => {
    if (j.state === 'running') { j.seen += 100; j.changed += 97; j.skipped += 3; }
    if (j.seen >= j.total && j.state === 'running') Object.assign(j, { state: 'done', ended_at: d.ago(0) });
    if (j.state !== 'running') clearInterval(timer);
  }, 200);
  return { status: 202, body: j };
}
const stale = { status: 409, body: { status: 409, title: 'Conflict', code: 'stale', detail: 'somebody else changed it in the meantime: load it again' } };
const changeList = (id, b, f) => { const l = d.lists.find((x) => x.id === id); if (b.revision !== l.revision) return stale; l.revision++; return f(l) ?? l; };

const fields = [
  ...['name', 'phone', 'key', 'region'].map((name) => ({ name, type: 'text', custom: false, history: false, ops: ['=', 'in', 'contains', 'starts with', 'ends with', 'is empty'] })),
  { name: 'kind', type: 'choice', custom: false, history: false, ops: ['=', 'in', 'is empty'], choices: ['mobile', 'fixed'] }, { name: 'tags', type: 'tags', custom: false, history: false, ops: ['tagged', 'is empty'] },
  { name: 'attempts', type: 'number', custom: false, history: true, ops: ['=', '<', '<=', '>', '>=', 'in', 'between', 'is empty'] }, { name: 'last_attempt', type: 'moment', custom: false, history: true, ops: ['=', '<', '<=', '>', '>=', 'between', 'is empty'] },
  { name: 'last_outcome', type: 'choice', custom: false, history: true, ops: ['=', 'in', 'is empty'], choices: ['no_answer', 'busy', 'connected'] }, { name: 'age', type: 'number', custom: true, history: false, ops: ['=', '<', '<=', '>', '>=', 'in', 'between', 'is empty'] },
  { name: 'answer.nps', type: 'number', custom: false, history: true, answer: true, ops: ['=', '<', '<=', '>', '>=', 'in', 'between', 'is empty'] }, { name: 'answer.deal', type: 'text', custom: false, history: true, answer: true, ops: ['=', 'in', 'contains', 'is empty'] },
  { name: '城市', type: 'text', custom: true, history: false, ops: ['=', 'in', 'contains', 'is empty'] },
];
const form = { op: 'and', args: [{ op: '>=', field: 'age', custom: true, values: [{ kind: 'number', text: '30' }] }, { op: 'in', field: '城市', custom: true, values: [{ kind: 'text', text: '上海' }, { kind: 'text', text: '北京' }] }, { op: '<', field: 'last_attempt', values: [{ kind: 'ago', n: 7, unit: 'days' }] }, { op: 'not', args: [{ op: 'tagged', field: 'tags', values: [{ kind: 'text', text: 'vip' }] }] }, { op: '=', field: 'last_outcome', values: [{ kind: 'text', text: 'no_answer' }] }] };
const text = 'age >= 30 and 城市 in ("上海", "北京") and last_attempt before 7 days ago and not tagged "vip" and last_outcome = "no_answer"';
const count = (n, exact = true) => ({ contacts: n, of: 150203, exact, margin: exact ? 0 : 812, at: d.ago(40), took_ms: 31 });
const names = ['Thirty and more', '上海与北京的未接通客户（近七天未拨打，不含重要客户，用于第二轮回访）', 'Never called', 'VIP'];
export const segments = Array.from({ length: 4 + Number(process.env.FAKE_LISTS ?? 0) }, (_, i) => ({ id: d.uuid(7, i), name: names[i] ?? `Segment ${i}`, filter: i === 3 ? 'tagged "vip"' : text, form: i === 3 ? form.args[3].args[0] : form, list_ids: i === 1 ? [d.lists[1].id] : [], zone: 'Asia/Shanghai', revision: 1, count: i === 2 ? null : count(1200 * i + 17, i !== 1), created_at: d.ago(9000), updated_at: d.ago(900) }));
const overlap = { of: 150203, parts: [0, 1, 3].map((i) => ({ segment_id: segments[i].id, contacts: 20000 * (i + 1), fits: 20000 * (i + 1) + 90 })), rest: { segment_ids: [], contacts: 10203, examples: [d.contacts[0].id] }, overlaps: [{ segment_ids: [segments[0].id, segments[3].id], contacts: 90, examples: [d.contacts[0].id, d.contacts[1].id] }], sound: false, at: d.ago(300), took_ms: 410 };
const sets = [{ id: d.uuid(8, 1), name: 'All customers', segment_ids: [0, 1, 3].map((i) => segments[i].id), list_ids: [], ordered: false, revision: 1, check: overlap, created_at: d.ago(9000) }];

const imports = new Map();
const column = (header, as, more = {}) => ({ header, as, ...more });
const inspection = {
  encoding: 'GB18030', delimiter: ',', sheets: [], sheet: '', header: true,
  columns: [column('姓名', 'name'), column('手机号', 'phone', { kind: 'mobile', label: 'mobile' }), column('家庭电话', 'phone', { kind: 'fixed', label: 'home' }), column('客户编号', 'key'), column('生日', 'field', { type: 'date', format: 'ymd' }), column('月消费', 'field', { type: 'money' }), column('备注', 'field', { type: 'text' })],
  rows: Array.from({ length: 20 }, (_, i) => (i === 4 || i === 11 ? { row: i + 2, record: ['李四', i === 4 ? '12' : '', '', 'K' + i, '', '', ''], phone: '', zones: [], tags: [], phones: [], fields: null, field: 'phone', reason: i === 4 ? 'phone_invalid' : 'phone_missing', name: '', key: '', kind: '', region: '', carrier: '', priority: 0 } : { row: i + 2, record: ['王小明' + i, `1380013${8000 + i}`, '010-66668888', 'K' + i, '1980/5/' + (i + 1), '¥1,2' + i + '0.50', '老客户，上次说下个月再联系，请勿在午休时间打扰'], phone: `+861380013${8000 + i}`, kind: 'mobile', region: 'CN-11', zones: ['Asia/Shanghai'], carrier: 'China Mobile', name: '王小明' + i, key: 'K' + i, priority: 0, tags: [], phones: [{ phone: '+861066668888', kind: 'fixed', label: 'home' }], fields: { 生日: `1980-05-${String(i + 1).padStart(2, '0')}`, 月消费: '12' + i + '0.50', 备注: '老客户，上次说下个月再联系，请勿在午休时间打扰' }, field: '', reason: '' })),
};
const templates = [{ id: d.uuid(9, 1), name: 'CRM 周报', plan: { columns: inspection.columns, duplicates: { in_list: 'merge' } } }, { id: d.uuid(9, 2), name: 'Web shop', plan: { columns: [column('Phone', 'phone')] } }];
function start(j) {
  Object.assign(j, { state: 'running' });
  const timer = setInterval(() => {
    j.bytes_read += 4000; j.rows_read += 800; j.accepted += 770; j.rejected += 30;
    if (j.bytes_read >= j.bytes_total || j.cancel) {
      Object.assign(j, { state: j.cancel ? 'cancelled' : 'done', ended_at: d.ago(0), updated: 120, on_dnc: 14, reasons: { phone_invalid: 410, duplicate_in_list: 203, phone_missing: 90, not_a_date: 47 } });
      clearInterval(timer);
      d.lists.find((l) => l.id === j.list_id).contacts += j.accepted;
    }
    change('imports', { [j.id]: { ...j } });
  }, 150);
  return j;
}
const near = [{ id: d.uuid(9, 7), score: 0.86, why: ['name', 'email'], first: { id: d.contacts[0].id, name: '王小明', phone: '+8613800138000', fields: { 邮箱: 'wang@example.com', 城市: '上海' } }, second: { id: d.contacts[1].id, name: '王晓明', phone: '+8613800138001', fields: { 邮箱: 'wang@example.com' } } }];
const list = (items) => ({ items });

export const routes = {
  'GET /list-progress': () => ({ items: places(), at: d.ago(4) }), 'GET /lists/{}/progress': (u, b, id) => ({ items: places().filter((p) => p.list_id === id), at: d.ago(1) }),
  'PUT /lists/{}': (u, b, id) => changeList(id, b, (l) => { l.name = b.name; }), 'POST /lists/{}/archive': (u, b, id) => changeList(id, b, (l) => { l.archived_at = b.archived ? d.ago(0) : null; }),
  'POST /lists/{}/split': (u, b, id) => changeList(id, b, () => { const made = b.parts.map((p) => ({ ...d.lists[0], id: randomUUID(), name: p.name, contacts: 0 })); d.lists.unshift(...made); return startJob('split', id, { new_lists: made.map((l) => l.id) }); }),
  'POST /lists/{}/merge': (u, b, id) => changeList(id, b, () => startJob('merge', id)), 'POST /lists/{}/copy': (u, b, id) => changeList(id, b, () => startJob('copy', id)),
  'POST /campaigns/{}/lists/{}/reset': (u, b, c, id) => startJob('reset', id, { campaign_id: c }), 'GET /list-jobs': (u, b, q) => list(jobs.filter((j) => j.list_id === q.get('list_id'))),
  'DELETE /list-jobs/{}': (u, b, id) => { Object.assign(jobs.find((j) => j.id === id), { state: 'cancelled', ended_at: d.ago(0) }); return { status: 204 }; },
  'GET /filters/fields': () => list(fields),
  'POST /filters/check': (u, b) => (/wrong/.test(b.filter ?? '') ? { valid: false, problem: { code: 'unknown_field', at: { line: 1, column: b.filter.indexOf('wrong') + 1 }, got: 'wrong', message: `line 1, column ${b.filter.indexOf('wrong') + 1}: there is no field wrong; choose one of the list's fields`, message_zh: '第 1 行：没有字段 wrong；请从字段列表中选择' } } : { valid: true, text: b.filter || text, form: b.form ?? form, count: b.count ? count(18234) : undefined }),
  'GET /segments': () => list(segments), 'GET /segments/{}': (u, b, id) => segments.find((s) => s.id === id), 'GET /segments/{}/count': (u, b, id) => ({ ...(segments.find((s) => s.id === id).count ?? count(88)), at: d.ago(0) }),
  'POST /segments': (u, b) => { segments.unshift({ ...segments[0], ...b, id: randomUUID(), revision: 1 }); return { status: 201, body: segments[0] }; }, 'PUT /segments/{}': (u, b, id) => { const s = segments.find((x) => x.id === id); return b.revision === s.revision ? Object.assign(s, b, { revision: b.revision + 1 }) : stale; },
  'DELETE /segments/{}': () => ({ status: 409, body: { status: 409, code: 'in_use', detail: 'a set needs it' } }),
  'GET /segmentations': () => list(sets), 'GET /segmentations/{}': (u, b, id) => sets.find((s) => s.id === id), 'POST /segmentations/{}/check': () => overlap,
  'POST /segmentations': (u, b) => { sets.push({ ...sets[0], ...b, id: randomUUID(), check: null, revision: 1 }); return { status: 201, body: sets.at(-1) }; }, 'PUT /segmentations/{}': (u, b, id) => Object.assign(sets.find((s) => s.id === id), b, { revision: b.revision + 1 }), 'DELETE /segmentations/{}': () => ({ status: 204 }),
  'POST /lists/{}/imports/inspect': (u, b, id) => { const j = { id: randomUUID(), list_id: id, file_name: '客户名单-2026.csv', state: 'ready', bytes_total: 100000, bytes_read: 0, rows_read: 0, accepted: 0, updated: 0, rejected: 0, on_dnc: 0, reasons: {}, encoding: '', delimiter: '', error: '', cancel: false, created_at: d.ago(0), ended_at: null }; imports.set(j.id, j); return { status: 201, body: { import: j, inspection } }; },
  'GET /lists/{}/imports': (u, b, id) => list([...imports.values()].filter((i) => i.list_id === id).reverse()),
  'POST /imports/{}/inspect': (u, b, id) => ({ import: imports.get(id), inspection: { ...inspection, encoding: b.encoding || inspection.encoding, columns: b.columns ?? inspection.columns } }),
  'POST /imports/{}/start': (u, b, id) => ({ status: 202, body: start(imports.get(id)) }), 'POST /imports/{}/cancel': (u, b, id) => Object.assign(imports.get(id), imports.get(id).state === 'ready' ? { state: 'cancelled', ended_at: d.ago(0) } : { cancel: true }), 'GET /imports/{}': (u, b, id) => imports.get(id),
  'GET /import-templates': () => list(templates), 'POST /import-templates': (u, b) => { templates.push({ id: randomUUID(), ...b }); return { status: 201, body: templates.at(-1) }; }, 'DELETE /import-templates/{}': () => ({ status: 204 }),
  'GET /lists/{}/near-duplicates': () => list(near), 'POST /lists/{}/near-duplicates': () => ({ found: 1 }), 'POST /near-duplicates/{}': (u, b, id) => near.splice(0, 1)[0] ?? { id },
};

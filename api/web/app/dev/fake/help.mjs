// Requests for help, threads and notices of the fake.
import { ago, campaigns, users, uuid } from './data.mjs';
import { change } from './stream.mjs';

const names = ['Alice Moreau', '欧阳建国', 'Konstantina-Alexandra Abernathy-Featherstonehaugh', '李秀英', 'Hiro Tanaka'];

const agent = users.find((u) => u.role === 'agent');
const boss = users.find((u) => u.role === 'supervisor');
let seq = 100;
const message = (m) => ({ id: uuid(11, ++seq), seq, kind: 'chat', from_id: boss.id, from_name: boss.name, agent_id: agent.id, audience: '', audience_id: null, attempt_id: null, contact_id: null, contact_name: '', body: '', at: ago(300), until: null, read_at: null, ...m });
let own = [];
let help = null;
let shown = [];
const threads = new Map();
const show = () => change('agent:' + agent.id, { messages: own });

function wait(i, more = {}) {
  return { id: uuid(12, i), agent_id: uuid(1, 100 + i), agent_name: `${names[i % names.length]} ${i}`, campaign_id: campaigns[0].id, campaign_name: campaigns[0].name, attempt_id: uuid(7, i), contact_id: uuid(6, 5), contact_name: '王小明', text: ['He wants the contract cancelled and shouts', '客户要求找主管，说上周已经投诉过一次，坚持要今天得到答复', ''][i % 3], state: 'open', asked_at: ago(400 - i * 70), taken_at: null, taken_by: null, taken_by_name: '', ...more };
}

/** Fills or empties queue, threads and the agent's messages. */
export function startHelp(count = 0) {
  const items = {};
  for (let i = 0; i < count; i++) { const h = wait(i, i === 1 ? { state: 'taken', taken_by: boss.id, taken_by_name: boss.name } : {}); items['help/' + h.id] = h; }
  for (let i = 0; i < Math.min(count, 4); i++) items['chat/' + uuid(1, 100 + i)] = { agent_id: uuid(1, 100 + i), agent_name: names[i], last_seq: 200 + i, last_at: ago(90 + i * 400), last_by: i % 2 ? boss.name : names[i], by_agent: i % 2 === 0, body: ['Can I promise the half price for the first year?', '可以，请记录在备注里。', '好的，谢谢', 'ok'][i] };
  const gone = shown.filter((k) => !items[k]);
  shown = Object.keys(items);
  change('help', items, gone);
  own = count ? [message({ kind: 'coaching', contact_name: '王小明', attempt_id: uuid(7, 1), body: 'Very calm with the complaint. Ask for the contract number before you look for the customer: it saves a minute.', at: ago(4000), read_at: ago(3900) }),
    message({ from_id: agent.id, from_name: agent.name, body: 'Thanks, I will.', at: ago(3800), read_at: ago(3700) }),
    message({ body: '请在话后处理中补充客户的回拨时间。', at: ago(120) }),
    message({ kind: 'notice', agent_id: null, audience: 'all', body: 'From 14:00 on the second tariff costs 9.90 instead of 12.90. Please tell every customer, also those who have called before and asked for it.', at: ago(60), until: ago(-3600) })] : [];
  show();
  if (count === 0) help = null;
  change('agent:' + agent.id, help ? { help } : {}, help ? [] : ['help']);
}

const list = (items) => ({ items });
const notices = () => [0, 1, 2].map((i) => ({ ...message({ kind: 'notice', agent_id: null, audience: i ? 'campaign' : 'all', audience_id: i ? campaigns[0].id : null, until: ago(i ? 100 : -2000), body: ['From 14:00 on the second tariff costs 9.90 instead of 12.90.', '今天下午系统维护，请在 17:30 前登记所有结果。', 'Welcome the three new colleagues'][i], at: ago(300 + i * 5000) }), id: uuid(13, i), audience_name: i ? campaigns[0].name : '', shown: 42 - i, read: [17, 41, 40][i] }));

export const routes = {
  'POST /desk/help': (u, b) => { help = { id: b.id, text: b.text, asked_at: ago(0), position: 2, waiting: 3, taken_by: '', taken_at: null }; change('agent:' + u.id, { help }); return { status: 201, body: help }; },
  'DELETE /desk/help': (u) => { help = null; change('agent:' + u.id, {}, ['help']); return { status: 204 }; },
  'POST /desk/messages': (u, b) => { own = [...own, message({ id: b.id, from_id: u.id, from_name: u.name, body: b.body, at: ago(0) })]; show(); return { status: 201, body: own.at(-1) }; },
  'POST /desk/messages/read': (u, b) => { own = own.map((m) => (b.ids.includes(m.id) ? { ...m, read_at: ago(0) } : m)); show(); return { status: 204 }; },
  'POST /help/{}/take': (u, b, id) => { const i = Number.parseInt(id.slice(-12), 16) || 0; change('help', { ['help/' + id]: wait(i % 10, { id, state: 'taken', taken_by: u.id, taken_by_name: u.name }) }); return {}; },
  'POST /help/{}/close': (u, b, id) => { change('help', {}, ['help/' + id]); return {}; },
  'POST /agents/{}/orders': () => ({ done: true }),
  'GET /chats': () => ({ items: [], seen: {} }),
  'GET /chats/{}': (u, b, id) => list(threads.get(id) ?? [message({ from_id: id, from_name: 'Agent', agent_id: id, body: 'Can I promise the half price for the first year?', read_at: ago(80) }), message({ agent_id: id, body: '可以，请记录在备注里。', read_at: ago(60) }), message({ kind: 'coaching', agent_id: id, contact_name: '王小明', body: 'Good close. Say the price only once.', at: ago(30) })]),
  'POST /chats/{}': (u, b) => ({ status: 201, body: message({ id: b.id, body: b.body }) }), 'POST /chats/{}/seen': () => ({ status: 204 }), 'POST /coaching': (u, b) => ({ status: 201, body: message({ body: b.body }) }),
  'GET /notices': () => list(notices()), 'POST /notices': (u, b) => ({ status: 201, body: message({ body: b.body }) }), 'DELETE /notices/{}': () => ({ status: 204 }),
  'GET /notices/{}/receipts': () => list(Array.from({ length: 24 }, (_, i) => ({ user_id: uuid(1, i), name: names[i % 5], shown_at: ago(300), read_at: i < 9 ? null : ago(200 - i) }))),
  'POST /fake/help': (u, b) => { startHelp(b.count ?? 0); return {}; },
};

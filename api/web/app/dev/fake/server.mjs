// A stand-in for the server, for work on the pages and their pictures: the REST routes and the stream with made-up data, and
// the built desktop under the same policy as the real one. Not part of the product. Any password but "wrong" signs in.
import { form2 } from './script.mjs';
import { createServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import * as d from './data.mjs';
import * as desk from './desk.mjs';
import * as law from './law.mjs';
import * as help from './help.mjs';
import * as quality from './quality.mjs';
import * as sales from './sales.mjs';
import * as l from './lists.mjs';
import * as p from './pacing.mjs';
import { reports } from './reports.mjs';
import * as scripts from './scripts.mjs';
import * as steer from './steer.mjs';
import * as watch from './watch.mjs';
import { change, dropAll, serve } from './stream.mjs';
import { alerts, command, end, ring, roomRows, setAlerts, show, startBoard, talk } from './world.mjs';

const dist = process.env.DIST ?? join(import.meta.dirname, '..', '..', '..', 'dist');
const port = Number(process.env.PORT ?? 8123);
const sessions = new Map();
let refuse = false;
let empty = false;
const types = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.html': 'text/html; charset=utf-8' };

const userOf = (req) => sessions.get(/dialtide_session=([^;]+)/.exec(req.headers.cookie ?? '')?.[1]);
const items = (list, more = {}) => ({ items: empty ? [] : list, ...more });
const problem = (status, code, detail, errors) => ({ status, body: { type: 'about:blank', title: code, status, code, detail, errors } });

function wav() {
  const rate = 8000, seconds = 6, n = rate * seconds, b = Buffer.alloc(44 + n * 4);
  b.write('RIFF'); b.writeUInt32LE(36 + n * 4, 4); b.write('WAVEfmt ', 8); b.writeUInt32LE(16, 16); b.writeUInt16LE(1, 20); b.writeUInt16LE(2, 22);
  b.writeUInt32LE(rate, 24); b.writeUInt32LE(rate * 4, 28); b.writeUInt16LE(4, 32); b.writeUInt16LE(16, 34); b.write('data', 36); b.writeUInt32LE(n * 4, 40);
  for (let i = 0; i < n; i++) { b.writeInt16LE(Math.round(6000 * Math.sin(i / 5)), 44 + i * 4); b.writeInt16LE(Math.round(6000 * Math.sin(i / 9)), 46 + i * 4); }
  return b;
}

const views = [{ id: d.uuid(12, 1), owner_name: 'Alice', name: 'Early shift', shared: false, body: { order: 'worst' }, revision: 1, updated_at: d.ago(0) }, { id: d.uuid(12, 2), owner: d.uuid(1, 77), owner_name: '王主管', name: '只看坐席', shared: true, body: { panels: ['agents', 'calls'], columns: ['campaign'] }, revision: 1, updated_at: d.ago(0) }];
const hooks = [{ id: d.uuid(13, 1), name: 'Pager', url: 'https://hooks.example.com/dialtide/a-rather-long-path-that-goes-on-and-on-and-on', topics: ['alert.raised', 'alert.cleared'], enabled: true, revision: 1, created_at: d.ago(9e5), delivered: 4123, waiting: 2, dead: 0, last_ok: d.ago(50), last_error: '', failing: null }, { id: d.uuid(13, 2), name: '客户系统', url: 'https://crm.example.cn/in', topics: ['disposition.made'], enabled: true, revision: 1, created_at: d.ago(9e5), delivered: 91, waiting: 812, dead: 3, last_ok: d.ago(9e4), last_error: 'the receiver answered 503 Service Unavailable', failing: d.ago(9e4) }];
const rejects = ['phone_invalid', 'duplicate_in_file', 'phone_missing', 'duplicate_in_list', 'row_broken'].flatMap((reason, i) => [0, 1, 2].map((k) => ({ row_no: 17 + i * 31 + k * 7, field: reason === 'row_broken' ? '' : '手机号', value: reason === 'phone_missing' ? '' : ['1380013', '=HYPERLINK("http://x")', '+86 138 0013 8000'][k], reason })));
const recordings = () => d.attempts.filter((a) => a.recorded).map((a) => ({ attempt_id: a.id, campaign_id: a.campaign_id, campaign: d.campaigns.find((c) => c.id === a.campaign_id).name, agent_id: a.agent_id, agent: a.agent_name, contact_id: a.contact_id, contact: a.contact_name, phone: a.phone, disposition: a.disposition, sha256: a.id.replaceAll('-', '').padEnd(64, 'a9f3'), bytes: 96044 * 3, duration_ms: 91500, channels: 2, created_at: a.ended_at, policy: ['always', 'percent', 'demand', ''][a.id.charCodeAt(35) % 4], percent: 25, announced: true, format: 'wav', held: a.id.charCodeAt(35) % 5 === 0, score: a.id.charCodeAt(35) % 3 === 0 ? 71.25 : null, evaluation_id: a.id.charCodeAt(35) % 3 === 0 ? d.uuid(21, 3) : null }));
const summary = { loaded: 2000, dialable: 1287, untouched: 900, in_flight: 14, finished: 611, finished_by: { sale: 88, not_interested: 301, max_attempts: 120, invalid_number: 102 }, excluded: { dnc: 61, duplicate: 27 }, waiting_for: { no_answer: 250, hours: 91, callback: 46 }, attempts: 3120, attempts_by_outcome: { connected: 902, abandoned: 21, early_hangup: 40, machine: 402, busy: 311, no_answer: 1201, invalid_number: 102, rejected: 88, trunk_failed: 12, cancelled: 30, unknown: 1, not_placed: 10 }, live: 963, abandoned: 21 };

// path pattern -> answer; {} takes one part.
const routes = {
  ...reports,
  'GET /me': (u) => u, 'PUT /me': (u, b) => Object.assign(u, b), 'POST /logout': () => ({}),
  'GET /phone': () => ({ kind: 'sip', aor: 'agent-1001', realm: '', ws_path: '', ice: [], elsewhere: false }),
  'GET /users': () => items(d.users), 'POST /users': (u, b) => (b.login === 'agent' ? problem(422, 'invalid_input', 'login', [{ location: 'body.login', message: 'is taken' }]) : (d.users.push({ id: randomUUID(), ...b }), { status: 201, body: d.users.at(-1) })),
  'GET /lists': () => items(d.lists), 'POST /lists': (u, b) => { const made = { id: randomUUID(), ...b, created_at: d.ago(0), contacts: 0, revision: 1, archived_at: null }; d.lists.unshift(made); return { status: 201, body: made }; },
  'GET /lists/{}': (u, b, id) => d.lists.find((l) => l.id === id),
  'GET /lists/{}/contacts': (u, b, id, q) => { const needle = (q.get('q') ?? '').toLowerCase(); const all = empty || id === d.lists[2]?.id ? [] : d.contacts.filter((c) => c.name.toLowerCase().includes(needle) || c.phone.startsWith(needle)); const from = Number(q.get('after') ?? 0); return { items: all.filter((c) => c.seq > from).slice(0, 50), next: all.filter((c) => c.seq > from).length > 50 ? String(all.filter((c) => c.seq > from)[49].seq) : '' }; },
  ...l.routes, 'GET /imports/{}/rejects': () => items(rejects),
  'PATCH /campaigns/{}': (u, b, id) => { const c = d.campaigns.find((x) => x.id === id); const { revision, list_ids, lists: turns, mix, ...s } = b; if (revision !== c.revision) return problem(409, 'stale', 'stale'); Object.assign(c.settings, s); if (list_ids) c.list_ids = list_ids; if (turns !== undefined || mix) c.settings.order = { ...c.settings.order, ...(turns !== undefined ? { lists: turns } : {}), ...(mix ? { mix } : {}) }; c.revision = revision + 1; change('board', roomRows()); return c; },
  'GET /campaigns/{}/changes': (u, b, id) => items([['status', 'paused', 'running'], ['settings.ratio', 1.5, 2], ['settings.abandon_target', 0.03, 0.025], ['list_ids', ['a'], ['a', 'b']], ['settings.caller_id', '+12025550100', '+12025550177']].map(([field, from, to], i) => ({ id: 9 - i, campaign_id: id, at: d.ago(60 * (i + 1)), actor: i === 3 ? null : 'x', actor_name: i === 3 ? '' : i % 2 ? '王主管' : 'Alice Supervisor', field, from, to }))),
  'GET /alerts': () => items(alerts().map((a) => ({ ...a, cleared_at: d.ago(10) }))), 'POST /alerts/{}/ack': (u, b, id) => { const a = { ...alerts().find((x) => x.id === id), acked_at: d.ago(0), acked_name: u.name }; change('alerts', { [id]: a }); return a; },
  'GET /views': (u) => items(views.map((v) => ({ ...v, owner: v.owner ?? u.id }))), 'POST /views': (u, b) => { const v = { id: randomUUID(), owner: u.id, owner_name: u.name, revision: 1, updated_at: d.ago(0), ...b }; views.push(v); return { status: 201, body: v }; }, 'PUT /views/{}': (u, b, id) => Object.assign(views.find((v) => v.id === id), b, { revision: b.revision + 1 }), 'DELETE /views/{}': (u, b, id) => { views.splice(views.findIndex((v) => v.id === id), 1); return {}; },
  'GET /webhooks': () => items(hooks), 'POST /webhooks': (u, b) => (b.url.includes('127.') ? problem(422, 'invalid_input', 'url', [{ location: 'body.url', message: 'the address is not public; only networks that the configuration names (webhook-allow) may be reached besides' }]) : (hooks.push({ ...hooks[0], ...b, id: randomUUID(), delivered: 0, waiting: 0, dead: 0, failing: null, last_ok: null }), { status: 201, body: { ...hooks.at(-1), secret: 'whsec_' + 'QUJD'.repeat(11) } })),
  'GET /webhooks/{}/posts': () => items([0, 1, 2].map((i) => ({ id: i + 1, message_id: 'fact_' + i, topic: 'alert.raised', at: d.ago(4000 * i), tries: 12, due_at: d.ago(0), dead_at: d.ago(0), error: 'the receiver answered 503 Service Unavailable' }))), 'POST /webhooks/{}/test': () => ({ status: 202, body: { message_id: 'msg_1' } }), 'POST /webhooks/{}/retry': () => ({ posts: 3 }), 'POST /webhooks/{}/secret': () => ({ secret: 'whsec_' + 'QUJD'.repeat(11) }),
  'GET /trunks': () => items(d.trunks), 'POST /trunks': (u, b) => (d.trunks.some((x) => x.name === b.name) ? problem(409, 'exists', 'there is one of this name') : (d.trunks.push({ id: randomUUID(), ...b }), { status: 201, body: d.trunks.at(-1) })), 'PUT /trunks/{}': (u, b, id) => Object.assign(d.trunks.find((x) => x.id === id), b),
  'GET /campaigns': (u) => items(u.role === 'agent' ? d.campaigns.filter((c) => c.status === 'running').map(({ id, name }) => ({ id, name })) : d.campaigns),
  'POST /campaigns': (u, b) => { const c = { id: randomUUID(), status: 'paused', ...b, revision: 1 }; d.campaigns.push(c); return { status: 201, body: c }; },
  'GET /campaigns/{}': (u, b, id) => d.campaigns.find((c) => c.id === id),
  'PUT /campaigns/{}': (u, b, id) => (b.settings.ring_timeout === 99 ? problem(422, 'invalid_input', 'some settings are not valid', [{ location: 'body.settings.ring_timeout', message: 'must be between 15 and 60 seconds' }]) : Object.assign(d.campaigns.find((c) => c.id === id), b, { revision: b.revision + 1 })),
  'POST /campaigns/{}/status': (u, b, id) => Object.assign(d.campaigns.find((c) => c.id === id), b),
  'GET /campaigns/{}/summary': () => summary,
  'GET /campaigns/{}/pacing': (u, b, id) => p.pacing(id),
  'GET /campaigns/{}/simulations': (u, b, id) => items(p.simulations.filter((s) => s.campaign_id === id).map(({ answer, ...s }) => s)),
  'POST /campaigns/{}/simulations': (u, b, id) => ({ status: 202, body: p.ask(id, b) }),
  'GET /simulations/{}': (u, b, id) => p.simulations.find((s) => s.id === id), 'DELETE /simulations/{}': (u, b, id) => { p.cancel(id); return { status: 204 }; },
  'GET /scripts': () => items([d.script]), 'GET /scripts/{}/versions/{}': () => ({ ...d.script, document: form2(d.script.body) }), 'GET /desk/targets': () => ({ agents: d.users.filter((u) => u.role === 'agent').slice(1, 9).map((u, i) => ({ id: u.id, name: u.name, campaign_id: d.campaigns[i % 2].id, campaign: d.campaigns[i % 2].name, state: i < 3 ? 'Ready' : 'Talking', ready: i < 3 })), queues: d.campaigns.slice(0, 3).map((c, i) => ({ campaign_id: c.id, campaign: c.name, ready: 3 - i })), outside: [{ name: 'Technical help desk', number: '+861066660000' }, { name: '投诉专线', number: '12315' }] }),
  'GET /contacts/{}': (u, b, id) => { const contact = d.contacts.find((c) => c.id === id); const attempts = d.attempts.filter((a) => a.contact_id === id).concat(d.attempts.slice(0, 7)); return { contact, places: [{ campaign_id: d.campaigns[0].id, state: 'waiting', reason: 'callback', attempts: 3, last_outcome: 'connected', due_at: d.ago(-7200) }, { campaign_id: d.campaigns[1].id, state: 'excluded', reason: 'dnc', attempts: 1, last_outcome: 'busy', due_at: null }], attempts, callbacks: [{ id: d.uuid(8, 77), campaign_id: d.campaigns[0].id, agent_id: null, due_at: d.ago(-7200), note: 'Ask for the contract number', state: 'open', attempt_id: attempts[0].id, created_at: d.ago(500) }], dnc: d.dnc.slice(0, 1), tags: ['vip', '老客户', 'spring-2026-newsletter-readers-of-page-9'] }; },
  'GET /attempts': (u, b, q) => items(d.attempts.filter((a) => (!q.get('campaign_id') || a.campaign_id === q.get('campaign_id')) && (!q.get('before') || a.permit_at < q.get('before'))).slice(0, 100)),
  ...law.routes, ...steer.routes, ...help.routes, ...sales.routes, ...quality.routes, ...scripts.routes,
  ...desk.routes,
  'GET /recordings': () => items(recordings()), 'GET /recordings/{}/wave': () => ({ peaks: Buffer.from(Array.from({ length: 1600 }, (_, i) => (Math.floor(i / 160) % 2 === i % 2 ? 40 + Math.abs(Math.sin(i / 7) * 170) : 3))).toString('base64'), marks: [{ ms: 200, kind: 'announced', text: '' }, { ms: 300, kind: 'step', text: 'opening' }, { ms: 700, kind: 'paused', text: 'agent' }, { ms: 1100, kind: 'resumed', text: 'time' }, { ms: 1300, kind: 'answer', text: 'may: yes' }, { ms: 1700, kind: 'disposition', text: 'sale' }], holds: [] }), 'POST /recordings/{}/links': () => ({ status: 201, body: { path: '/api/shared/recordings/' + 'AbC0'.repeat(20), until: new Date(Date.now() + 86400e3).toISOString() } }), ...watch.routes,
  // Levers for pictures and tests.
  'POST /fake/call': (u, b) => { const who = d.users.find((x) => x.login === (b.login ?? 'agent')); if (b.do === 'ring') ring(who, b.n); if (b.do === 'talk') talk(who); if (b.do === 'end') end(who, b.by ?? 'callee'); if (b.do === 'show') show(who, b.patch); return {}; },
  'POST /fake/alerts': (u, b) => { setAlerts(b.count ?? 0); return {}; },
  'POST /fake/watchers': (u, b) => { watch.others(b.n); return {}; },
  'POST /fake/network': (u, b) => { refuse = b.refuse ?? refuse; empty = b.empty ?? empty; if (refuse || b.drop) dropAll(); return {}; },
};
const table = Object.entries(routes).map(([key, f]) => { const [method, path] = key.split(' '); return { method, re: new RegExp('^' + path.replaceAll('{}', '([^/]+)') + '$'), f }; });

async function api(req, res, url) {
  const path = url.pathname.slice(4);
  let raw = Buffer.alloc(0);
  for await (const chunk of req) raw = Buffer.concat([raw, chunk]);
  const body = raw.length && /json/.test(req.headers['content-type'] ?? '') ? JSON.parse(raw) : {};
  const send = (status, value, headers = {}) => { res.writeHead(status, { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json', ...headers }); res.end(value === undefined ? '' : JSON.stringify(value)); };
  if (refuse && !path.startsWith('/fake')) return req.socket.destroy();
  if (req.method === 'POST' && path === '/login') {
    const user = d.users.find((u) => u.login === body.login);
    if (!user || body.password === 'wrong') { const p = problem(401, 'wrong_credentials', 'login or password is wrong'); return send(p.status, p.body); }
    const token = randomUUID(); sessions.set(token, user);
    return send(200, user, { 'Set-Cookie': `dialtide_session=${token}; Path=/; HttpOnly; SameSite=Lax` });
  }
  const user = userOf(req);
  if (!user && !path.startsWith('/fake')) { const p = problem(401, 'not_signed_in', 'sign in first'); return send(p.status, p.body); }
  if (path === '/logout') sessions.clear();
  if (/\/audio$/.test(path)) { const b = wav(); res.writeHead(200, { 'Content-Type': 'audio/wav', 'Content-Length': b.length, 'Accept-Ranges': 'bytes' }); return res.end(b); }
  for (const r of table) {
    const m = r.method === req.method && r.re.exec(path);
    if (!m) continue;
    let out = r.f(user, body, ...m.slice(1), url.searchParams);
    if (empty && req.method === 'GET' && Array.isArray(out?.items)) out = { ...out, items: [] };
    if (out === undefined) break;
    return typeof out?.status === 'number' ? send(out.status, out.body) : send(200, out);
  }
  const p = problem(404, 'not_found', 'there is no such thing');
  send(p.status, p.body);
}

function page(res, pathname) {
  const file = join(dist, pathname);
  if (pathname !== '/' && file.startsWith(dist) && existsSync(file) && extname(file)) {
    res.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' });
    return res.end(readFileSync(file));
  }
  const nonce = randomUUID();
  res.writeHead(200, { 'Content-Type': types['.html'], 'Content-Security-Policy': `default-src 'self'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'` });
  res.end(readFileSync(join(dist, 'index.html'), 'utf8').replaceAll('__STYLE_NONCE__', nonce));
}

const server = createServer((req, res) => {
  const url = new URL(req.url, 'http://localhost');
  if (url.pathname.startsWith('/api/')) api(req, res, url).catch((e) => { console.error(e); res.destroy(); });
  else page(res, url.pathname);
});
serve(server, userOf, command, () => refuse);
startBoard();
help.startHelp(0);
server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}  logins: agent, supervisor, manager, admin`));

// What moves in the fake: agents' screens that answer commands, and a board that changes by itself.
import { ago, campaigns, contacts, lists, name, phone, pick, pop, rnd, script, trunks, users, uuid } from './data.mjs';
import { form2, go, standing } from './script.mjs';
import { change } from './stream.mjs';

const doc = form2(script.body);

const screens = new Map();
const seen = new Map();
let calls = 0;

const blank = (u) => ({
  agent: { id: u.id, name: u.name, login: u.login }, session: null, state: 'Offline', reason: '', since: ago(0), deadline: null, leaving: false, phone: 'down',
  server_time: ago(0), pop: null, call: null, needs_disposition: false, not_ready_reasons: ['break', 'lunch', 'meeting', 'training', 'admin'], today: { calls: 14, talk_seconds: 5321, successes: 3, idle_seconds: 800, wrap_up_seconds: 700, pause_seconds: 1200 },
  team: { agents: 12, calls: 15.3, talk_seconds: 5900, successes: 2.1, idle_seconds: 640, conversion: 0.137, at: ago(20) }, pauses: [{ reason: 'break', used_seconds: 1200, limit_seconds: 1800, blocked: false }, { reason: 'lunch', used_seconds: 2000, limit_seconds: 1800, blocked: true }], callbacks_due: [{ id: uuid(8, 70), campaign_id: campaigns[0].id, campaign_name: campaigns[0].name, contact_id: uuid(6, 5), contact_name: '王小明 with a rather long name indeed', due_at: ago(-600), zone: 'Asia/Shanghai', note: 'Ask for the contract number' }, { id: uuid(8, 101), campaign_id: campaigns[0].id, campaign_name: campaigns[0].name, contact_id: uuid(6, 8), contact_name: 'Bruno Okafor', due_at: ago(-1500), zone: 'Europe/Berlin', note: 'Wants the offer in writing', shared: true }], parked_calls: [],
});
export function show(u, patch) {
  const s = { ...(screens.get(u.id) ?? blank(u)), ...patch, server_time: ago(0) };
  if (patch.state) s.since = ago(0);
  screens.set(u.id, s);
  change('agent:' + u.id, { screen: s });
  return s;
}
for (const u of users) if (u.role === 'agent') show(u, {});

export function ring(u, n = ++calls) {
  const p = pop(n);
  show(u, { state: 'Reserved', reason: '', pop: p, call: { attempt_id: p.attempt_id, status: 'reserved', bridged_at: null, ended_at: null, outcome: '', hung_up_by: '' } });
}
export const talk = (u) => show(u, { state: 'Talking', call: { ...screens.get(u.id).call, status: 'talking', bridged_at: ago(0) } });
export const end = (u, by) => show(u, { state: 'WrapUp', needs_disposition: true, deadline: ago(-60), wrap_up: { mode: 'timed_auto', more_left: 2, auto_code: 'no_interest' }, call: { ...screens.get(u.id).call, status: 'ended', ended_at: ago(0), outcome: 'connected', hung_up_by: by } });

// What an agent says of the script: answers and moves.
function scripted(user, s, m) {
  const p = s.pop;
  let at = p.script_at ?? standing(doc, { step: doc.start }, {});
  const answers = { ...p.answers };
  if (m.name === 'answer') answers[m.data.question ?? m.data.step] = m.data.value;
  if (m.name === 'script_go' && m.data.step !== at.step) at = go(doc, at, m.data.step);
  if (m.name === 'script_read') at = { ...at, read: [...(at.read ?? []), m.data.step] };
  at = standing(doc, at, answers);
  show(user, { pop: { ...p, answers, script_at: at } });
  return { ok: true, data: { at, next: at.next, problems: [] } };
}

// What an agent does in a talk changes his call.
const talkDeeds = {
  hold: (c, d) => ({ held: d.on }), mute: (c, d) => ({ muted: d.on }), dtmf: () => ({}), park: () => ({ parked: true, music_until: ago(-240) }), retrieve: () => ({ parked: false, music_until: null }),
  consult: (c, d) => ({ held: true, consult: { to: d.to, label: d.to.number ?? 'Colleague 同事', status: 'talking', since: ago(0) }, parties: [{ kind: 'agent', label: 'Colleague 同事' }] }),
  consult_cancel: () => ({ held: false, consult: null, parties: [] }), three_way: () => ({ held: false, parties: [{ kind: 'contact', label: 'c' }, { kind: 'agent', label: 'x' }] }),
};

export async function command(user, m) {
  if (seen.has(m.id)) return seen.get(m.id);
  const s = screens.get(user.id);
  const ok = { ok: true, data: {} };
  let reply = ok;
  const auto = process.env.FAKE_AUTO !== '0';
  if (m.name === 'login') {
    const c = campaigns.find((x) => x.id === m.data.campaign_id);
    show(user, { session: { id: uuid(9, 999), campaign_id: c.id, campaign_name: c.name, started_at: ago(0) }, state: 'NotReady', reason: 'waiting_for_phone', phone: 'ringing' });
    setTimeout(() => show(user, { phone: 'up', reason: 'login' }), 400);
  } else if (m.name === 'logout') screens.set(user.id, blank(user)), show(user, {});
  else if (m.name === 'ready') {
    show(user, { state: 'Ready', reason: '', leaving: false });
    if (auto) setTimeout(() => { ring(user); setTimeout(() => talk(user), 700); }, 1500);
  } else if (m.name === 'not_ready') show(user, s.state === 'Talking' ? { leaving: true } : { state: 'NotReady', reason: m.data.reason });
  else if (m.name === 'hangup') end(user, 'agent');
  else if (m.name === 'answer' || m.name.startsWith('script_')) reply = scripted(user, s, m);
  else if (talkDeeds[m.name]) show(user, { call: { ...s.call, ...talkDeeds[m.name](s.call, m.data) } });
  else if (m.name === 'draft') show(user, { drafts: { ...s.drafts, [m.data.key]: m.data.value } });
  else if (m.name === 'next_pause') show(user, { next_pause: m.data.reason });
  else if (m.name === 'more_wrap_up') show(user, { deadline: ago(-90), wrap_up: { ...s.wrap_up, more_left: s.wrap_up.more_left - 1 } });
  else if (m.name === 'dispose') {
    if (s.call?.attempt_id !== m.data.attempt_id) reply = { ok: false, error: { code: 'already_disposed', message: 'the call has its disposition already' } };
    else show(user, { state: 'Ready', pop: null, call: null, needs_disposition: false, deadline: null });
  } else reply = { ok: false, error: { code: 'unknown_command', message: 'there is no such command' } };
  seen.set(m.id, reply);
  return reply;
}

const states = ['Talking', 'Talking', 'Talking', 'Ready', 'Ready', 'WrapUp', 'NotReady', 'Reserved'];
function boardAgent(i, state = pick(states), since = rnd() * 600) {
  const busy = ['Talking', 'Reserved', 'WrapUp'].includes(state);
  return { id: uuid(1, 100 + i), name: agentNames[i], campaign_id: campaigns[i % 2].id, state, reason: state === 'NotReady' ? pick(['break', 'lunch', 'wrap_up_timeout']) : '', since: ago(since), phone: 'up', attempt_id: busy ? uuid(7, i) : null, contact_name: busy ? pick(contacts).name : '' };
}
const COUNT = Number(process.env.FAKE_AGENTS ?? 60);
export const agentNames = Array.from({ length: COUNT }, name);
const board = () => Object.fromEntries(agentNames.map((_, i) => [`agent/${uuid(1, 100 + i)}`, boardAgent(i)]));
const totals = campaigns.map((_, i) => ({ dials: 4000 - i * 900, live: 1300 - i * 200, abandoned: [21, 30, 4, 9, 0][i] }));
function boardCampaign(i) {
  const c = campaigns[i]; const on = c.status === 'running'; const n = (x) => (on ? Math.round(x * (0.8 + rnd() * 0.4)) : 0); const t = totals[i];
  return { id: c.id, name: c.name, status: c.status, mode: c.settings.mode, ready: n(8), leaving: 0, reserved: n(2), talking: n(22), wrap_up: n(6), not_ready: 4, dialing: n(14), waiting: on && i === 0 ? 1 : 0, in_calls: n(40), ...t, abandon_rate: t.live ? t.abandoned / t.live : 0, abandon_target: 0.03, budget: 4, limit: on ? pick(['agents', 'budget', 'ratio']) : 'status', server_time: ago(0) };
}
const call = (i) => { const c = pick(contacts); const state = pick(['ringing', 'dialing', 'talking', 'talking', 'waiting', 'screening', 'connecting']); return { attempt_id: uuid(7, 5000 + i), campaign_id: campaigns[0].id, contact_id: c.id, contact_name: c.name, phone: phone(), state, since: ago(rnd() * 90), agent_id: state === 'talking' ? uuid(1, 100 + (i % COUNT)) : null }; };
const plan = (c) => ({ id: c.id, name: c.name, status: c.status, mode: c.settings.mode, ratio: c.settings.ratio, abandon_target: c.settings.abandon_target, caller_id: c.settings.caller_id, max_lines: 0, weight: 0, trunk_id: c.trunk_id, lists: '', revision: c.revision ?? 1, alert_near: 0.8, alert_idle: 300 });
const dries = ['', 'waiting', 'finished', 'hours', '', 'rules', 'empty'];
// How campaigns are set up, where their lists stand, what was changed.
export function roomRows() {
  const rows = {};
  let n = 0;
  for (const c of campaigns) {
    if (c.status === 'stopped') continue;
    rows[`plan/${c.id}`] = plan(c);
    c.list_ids.forEach((id, position) => {
      const dry = dries[n++ % dries.length];
      rows[`list/${c.id}/${id}`] = { campaign_id: c.id, list_id: id, name: lists.find((l) => l.id === id)?.name ?? 'A list with a rather long name 名单', position, weight: 0, loaded: 20_000, dialable: dry === 'finished' ? 0 : 12_870, now: dry && dry !== 'hours' ? 0 : 4_211, in_flight: dry ? 0 : 14, finished: 7_011, excluded: 119, dry, why: dry === 'waiting' ? 'no_answer' : '', next_at: dry === 'waiting' ? ago(-3600) : null };
    });
  }
  rows[`mark/${campaigns[0].id}`] = [{ id: 1, at: ago(200), actor: 'Alice Supervisor', field: 'settings.ratio', from: 1.5, to: 2 }, { id: 2, at: ago(60), actor: '王主管', field: 'settings.abandon_target', from: 0.03, to: 0.025 }];
  return rows;
}
export const alerts = () => [['trunk_failing', 'critical', 'trunk_open', trunks[1]?.name ?? 'Carrier', {}], ['abandonment', 'warning', 'abandonment_near', campaigns[1].name, { rate: 2.6, target: 3 }], ['list_dry', 'info', 'list_finished', 'Spring list', { campaign: campaigns[0].name }]]
  .map(([kind, severity, code, name, args], i) => ({ id: uuid(11, i), kind, object: 'x:' + i, name, severity, code, args, raised_at: ago(300 * (i + 1)), cleared_at: null, acked_at: i === 1 ? ago(30) : null, acked_by: null, acked_name: i === 1 ? 'Alice Supervisor' : '' }));
/** Opens more alerts, or ends all: what comes and goes above the tables. */
export function setAlerts(count) {
  const more = Array.from({ length: count }, (_, i) => ({ ...alerts()[i % 3], id: uuid(11, 100 + i), name: `Carrier ${i} with a rather long name 中继线路`, raised_at: ago(count - i), acked_at: null, acked_name: '' }));
  change('alerts', Object.fromEntries(more.map((a) => [a.id, a])), count ? [] : [...alertIDs]);
  alertIDs = count ? new Set([...alertIDs, ...more.map((a) => a.id)]) : new Set();
}
let alertIDs = new Set();
export function startBoard() {
  const items = board();
  campaigns.forEach((c, i) => (items[`campaign/${c.id}`] = boardCampaign(i)));
  trunks.forEach((t, i) => (items[`trunk/${t.id}/n1`] = { id: t.id, name: t.name, node: 'n1', in_use: i ? 0 : 57, max_channels: t.max_channels, cps: t.cps, cps_now: i ? 0 : 4.2, ended: i ? 40 : 210, failed: i ? 31 : 9, breaker: i ? 'open' : 'closed' }));
  Object.assign(items, roomRows());
  change('alerts', Object.fromEntries(alerts().map((a) => [a.id, a])));
  alertIDs = new Set(alerts().map((a) => a.id));
  for (let i = 0; i < 34; i++) items[`call/${uuid(7, 5000 + i)}`] = call(i);
  change('board', items);
  setInterval(() => {
    const set = {};
    for (let k = 0; k < Number(process.env.FAKE_CHANGES ?? Math.ceil(COUNT / 60)); k++) { const i = Math.floor(rnd() * COUNT); set[`agent/${uuid(1, 100 + i)}`] = boardAgent(i, undefined, 0); }
    campaigns.forEach((c, i) => { if (c.status === 'running') { totals[i].dials += Math.floor(rnd() * 4); totals[i].live += Math.floor(rnd() * 2); } set[`campaign/${c.id}`] = boardCampaign(i); });
    const i = Math.floor(rnd() * 34); set[`call/${uuid(7, 5000 + i)}`] = call(i);
    change('board', set);
  }, Number(process.env.FAKE_BOARD_MS ?? 1000)).unref();
}

// Made-up pacing of a campaign and answers to what-if questions, for the fake server.
import { randomUUID } from 'node:crypto';
import { ago, campaigns, rnd } from './data.mjs';

const wave = (i, period, low, high) => low + ((high - low) * (1 + Math.sin((2 * Math.PI * i) / period))) / 2;
const round = (x, n = 4) => Math.round(x * 10 ** n) / 10 ** n;

function sample(i, at) {
  const ready = Math.max(0, Math.round(wave(i, 37, 0, 4) + rnd() * 1.5 - 0.7));
  const inFlight = Math.round(wave(i, 61, 18, 34) + rnd() * 3);
  const dialled = Math.round(rnd() * 4);
  const risk = round(wave(i, 23, 0.05, 0.12) + rnd() * 0.01);
  const limit = i % 29 < 3 ? 'budget' : i % 41 < 4 ? 'lines' : 'risk';
  const free = round(wave(i, 37, 1, 6));
  const coming = round(inFlight * 0.22);
  return {
    at, in_flight: inFlight, wanted: inFlight + dialled, dialled, limit, risk: limit === 'risk' ? risk : 0, allowed: round(wave(i, 200, 0.07, 0.1)), budget: limit === 'budget' ? 0 : Math.round(wave(i, 90, 2, 9)),
    reserved: Math.max(0, inFlight - ready - 9), ready, leaving: 0, talking: 14 + Math.round(rnd() * 3), wrap_up: 4 + Math.round(rnd() * 2), utilisation: round(wave(i, 300, 0.82, 0.9)),
    abandonment: round(wave(i, 260, 0.019, 0.029)), ahead: 13.4, free, coming, then: i < 7 ? null : { at, free, came_free: Math.max(0, Math.round(free + (rnd() - 0.5) * 3)), coming, came_answer: Math.max(0, Math.round(coming + (rnd() - 0.5) * 4)) },
  };
}

export function pacing(id) {
  const c = campaigns.find((x) => x.id === id);
  const base = { campaign_id: id, here: c.status === 'running', mode: c.status === 'running' ? c.settings.mode : '', target: 0.03, caution: 'window', aim: 'abandonment', aim_value: 0, max_occupancy: 0, max_lines: 0, sample_seconds: 2 };
  if (c.status !== 'running') return { ...base, windows: [], now: null, dialled: 0, forecasts: 0, error_free: 0, error_coming: 0, samples: [] };
  const samples = Array.from({ length: 450 }, (_, i) => sample(i, ago((449 - i) * 2)));
  return { ...base, windows: [{ span: 'day', start: ago(40000), end: ago(-46400), live: 1318, abandoned: 33, rate: 0.025 }, { span: '30d', start: ago(9e5), end: ago(-1.69e6), live: 20411, abandoned: 581, rate: 0.0285 }], now: samples.at(-1), dialled: 5210, forecasts: 443, error_free: 0.8, error_coming: 1.1, samples };
}

const value = (mean, half) => ({ mean, half });
function oneCase(name, mode, agents, u, a) {
  const course = Array.from({ length: 32 }, (_, i) => ({ minute: 540 + 15 * i, utilisation: value(u + 0.02 * Math.sin(i / 3), 0.012), abandonment: value(Math.max(0, a + 0.006 * Math.sin(i / 2)), 0.004) }));
  const connects = agents * 8 * 29 * u;
  return { name, mode, ratio: 1.8, agents, target: 0.03, utilisation: value(u, 0.006), abandonment: value(a, 0.0021), worst30: value(a * 2.2, 0.011), idle: value(105 * (1 / u - 1), 1.2), idle_p90: value(220 * (1 / u - 1), 2.5), connects: value(connects, 31), dials: value(connects * 4.2, 160), dials_per_talk: value(4.2, 0.05), course, windows_broken: 0 };
}
function answer(q) {
  const agents = q.agents ?? 12;
  const mode = q.mode ?? 'predictive';
  const how = { predictive: [0.862, 0.0281], power: [0.781, 0.0264], progressive: [0.598, 0] };
  const others = Object.keys(how).filter((m) => m !== mode).map((m) => oneCase(m, m, agents, ...how[m]));
  const rate = (h) => 0.2 + 0.08 * Math.sin((h - 9) / 2.5);
  const columns = Array.from({ length: 10 }, (_, i) => Math.max(1, Math.round(((agents * 1.5) * (i + 1)) / 10)));
  const staffing = Array.from({ length: 8 }, (_, i) => ({ hour: 9 + i, usual: i < 3 || i > 5 ? columns[5] : columns[6], answer: rate(9 + i), cells: columns.map((n) => ({ agents: n, connects: value(n * 29 * (0.9 - 0.25 / Math.sqrt(n)), 2 + n / 5), utilisation: value(0.95 - 0.32 / Math.sqrt(n), 0.02), abandonment: value(mode === 'progressive' ? 0 : 0.029 + 0.012 * Math.sin(i + n), 0.006) })) }));
  return {
    basis: { calls: 18242, live: 4104, days: 12, from: ago(1.2e6), until: ago(100), talk: 98.4, wrap_up: 21.2, ring: 11.4, answer_rate: 0.225, hours: staffing.map((h) => ({ hour: h.hour, answer: h.answer, agents: h.usual })), notes: ['no_chances', 'amd_unseen'] },
    cases: [oneCase('as_now', 'power', 12, 0.77, 0.0259), oneCase('asked', mode, agents, ...how[mode]), ...others], staffing, runs: 6, from: q.from ?? 9, until: q.until ?? 17,
  };
}

export const simulations = [];
export function ask(id, question) {
  const s = { id: randomUUID(), campaign_id: id, question, state: 'waiting', progress: 0, problem: '', created_at: ago(0), ended_at: null };
  simulations.unshift(s);
  if (question.agents === 499) return Object.assign(s, { state: 'failed', problem: 'too_few_calls', ended_at: ago(0) });
  const timer = setInterval(() => {
    if (s.state !== 'waiting' && s.state !== 'running') return clearInterval(timer);
    s.state = 'running';
    s.progress = Math.min(1, s.progress + (question.agents === 77 ? 0.003 : 0.11));
    if (s.progress >= 1) Object.assign(s, { state: 'done', answer: answer(question), ended_at: ago(0) });
  }, 300);
  timer.unref();
  return s;
}
export const cancel = (id) => Object.assign(simulations.find((s) => s.id === id), { state: 'cancelled', ended_at: ago(0) });

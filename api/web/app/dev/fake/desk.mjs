// Callbacks and articles of the fake server.
import { randomUUID } from 'node:crypto';
import * as d from './data.mjs';

const at = (hours) => new Date(Math.floor(Date.now() / 3.6e6) * 3.6e6 + hours * 3.6e6).toISOString();
const zones = ['Asia/Shanghai', 'America/New_York', 'Europe/Berlin', ''];
const notes = ['Ask for the contract number', '下午三点以后联系，先问是否收到邮件', '', 'Wants to talk with his wife first; prefers mornings, never on Fridays, and asks that we do not leave messages on the machine'];
const callbacks = [-3, -1, 1, 2, 2, 5, 21, 23, 26, 27, 50, 74, 98].map((h, i) => {
  const c = d.contacts[i * 3];
  const who = i % 3 === 1 ? null : d.users[i % 4 === 3 ? 5 : 0];
  return { id: d.uuid(8, 100 + i), campaign_id: d.campaigns[i % 2].id, campaign_name: d.campaigns[i % 2].name, agent_id: who?.id ?? null, agent_name: who?.name ?? '', contact_id: c.id, contact_name: i === 4 ? '' : c.name, phone: c.phone, zone: zones[i % 4], due_at: at(h + (i % 2) / 4), next_at: i === 0 ? at(2) : null, calling: i === 1, note: notes[i % 4], state: 'open', attempt_id: d.uuid(7, i) };
});
const night = (t) => { const h = new Date(t).getHours(); return h < 8 || h >= 20; };
const lawful = (t) => { const next = new Date(t); if (night(t)) { if (next.getHours() >= 20) next.setDate(next.getDate() + 1); next.setHours(8, 0, 0, 0); } return { ok: !night(t), at: t, zone: 'Asia/Shanghai', rule: night(t) ? 'campaign.hours' : '', reason: night(t) ? 'outside the calling hours of the callee' : '', reason_zh: night(t) ? '超出对方的可呼时段' : '', next: next.toISOString() }; };
const mine = (u, q) => callbacks.filter((k) => (u.role !== 'agent' || k.agent_id === u.id || k.agent_id === null && q.get('agent_id') !== u.id) && (q.get('shared') !== 'true' || k.agent_id === null) && (u.role === 'agent' || !q.get('agent_id') || k.agent_id === q.get('agent_id'))
  && (!q.get('campaign_id') || k.campaign_id === q.get('campaign_id')) && (!q.get('from') || Date.parse(k.due_at) >= Date.parse(q.get('from'))) && (!q.get('to') || Date.parse(k.due_at) < Date.parse(q.get('to'))));
const article = (n, title_en, title_zh, topics, status) => ({ id: d.uuid(9, n), title_en, title_zh, body_en: `${title_en}.\n\nSay it in one sentence, then ask what matters to the customer.`, body_zh: `${title_zh}。\n\n先用一句话说明，再询问客户关心什么。`, topics, status, revision: 1, updated_at: d.ago(86400 * n) });
const articles = [article(1, 'What the price includes', '价格包含哪些内容', ['price', 'renewal'], 'published'), article(2, 'The customer wants to cancel', '客户要求解约', ['cancel'], 'published'), article(3, 'How to explain the thirty days of notice to customers who moved abroad in the meantime', '向期间移居国外的客户说明三十天通知期', ['cancel', 'abroad'], 'draft')];

export const routes = {
  'GET /callbacks': (u, b, q) => ({ items: mine(u, q).sort((a, k) => a.due_at.localeCompare(k.due_at)) }),
  'GET /callbacks/lawful': (u, b, q) => lawful(q.get('at')),
  'PUT /callbacks/{}': (u, b, id) => Object.assign(callbacks.find((k) => k.id === id), b, { agent_name: d.users.find((x) => x.id === b.agent_id)?.name ?? '' }),
  'POST /callbacks/{}/cancel': (u, b, id) => { callbacks.splice(callbacks.findIndex((k) => k.id === id), 1); return { status: 204 }; },
  'GET /articles': (u, b, q) => ({ items: articles.filter((a) => (u.role === 'admin' || u.role === 'list_manager' || a.status === 'published') && (a.title_en + a.title_zh + a.topics).toLowerCase().includes((q.get('q') ?? '').toLowerCase())) }),
  'GET /articles/{}': (u, b, id) => articles.find((a) => a.id === id),
  'POST /articles': (u, b) => { const a = { id: randomUUID(), ...b, revision: 1, updated_at: d.ago(0) }; articles.unshift(a); return { status: 201, body: a }; },
  'PUT /articles/{}': (u, b, id) => { const a = articles.find((x) => x.id === id); return b.title_en || b.title_zh ? Object.assign(a, b, { revision: a.revision + 1, updated_at: d.ago(0) }) : { status: 422, body: { status: 422, code: 'invalid_input', detail: 'title', errors: [{ location: 'body.title_en', message: 'must be 1 to 200 characters' }] } }; },
  'DELETE /articles/{}': (u, b, id) => { articles.splice(articles.findIndex((a) => a.id === id), 1); return { status: 204 }; },
};

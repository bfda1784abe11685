// Order, assignments, teams, segments of campaigns and tags of the fake server.
import { randomUUID } from 'node:crypto';
import * as d from './data.mjs';
import { places, segments, startJob } from './lists.mjs';

const list = (items) => ({ items });
const many = Number(process.env.FAKE_LISTS ?? 0);
const names = [...d.users.map(({ id, name, role }) => ({ id, name, role, disabled: false })), ...Array.from({ length: 40 + many }, (_, i) => ({ id: d.uuid(14, i), name: i === 3 ? 'Maria Aurelia Constantinescu-Papadopoulou' : i % 3 ? `Agent ${i + 1}` : `坐席${i + 1}号`, role: 'agent', disabled: i % 13 === 12 }))];
const agents = names.filter((u) => u.role === 'agent');
const teams = [
  { id: d.uuid(15, 1), name: 'North', members: agents.slice(0, 6).map((u) => u.id) }, { id: d.uuid(15, 2), name: '华东外呼一组（负责长三角地区的老客户回访与续约）', members: agents.slice(4, 30).map((u) => u.id) }, { id: d.uuid(15, 3), name: 'Nobody yet', members: [] },
];
const assigned = new Map();
const first = d.campaigns[0];
assigned.set(`${first.id} ${first.list_ids[0]}`, { campaign_id: first.id, list_id: first.list_ids[0], agents: agents.slice(8, 20).map((u) => u.id), teams: [teams[1].id], state: 'open', created_at: d.ago(9000) });
const status = (a) => ({ ...a, name: d.lists.find((l) => l.id === a.list_id)?.name ?? '', progress: places().find((p) => p.list_id === a.list_id && p.campaign_id === a.campaign_id), sound: true });
const part = { campaign_id: first.id, segment_id: segments[3].id, name: segments[3].name, agents: agents.slice(1, 3).map((u) => u.id), teams: [], state: 'paused', created_at: d.ago(900), counted: true, sound: true, progress: { loaded: 310, dialable: 290, untouched: 280, in_flight: 2, finished: 15, finished_by: { sale: 15 }, excluded: { dnc: 3 }, waiting_for: { assigned: 10 } } };
const bySegment = new Map([['x', part], ['y', { ...part, segment_id: segments[1].id, name: segments[1].name, state: 'open', counted: false }]]);
const chosen = new Map([[first.id, [{ segment_id: segments[1].id }]]]);
const of = (id) => ({ segments: chosen.get(id) ?? [], revision: d.campaigns.find((c) => c.id === id).revision });

export const routes = {
  'GET /user-names': () => list(names), 'GET /teams': () => list(teams),
  'POST /teams': (u, b) => { const t = { id: randomUUID(), ...b }; teams.push(t); return { status: 201, body: t }; }, 'PUT /teams/{}': (u, b, id) => Object.assign(teams.find((t) => t.id === id), b), 'DELETE /teams/{}': (u, b, id) => { teams.splice(teams.findIndex((t) => t.id === id), 1); return { status: 204 }; },
  'GET /campaigns/{}/order': (u, b, id) => { const by = d.campaigns.find((c) => c.id === id).settings.order?.by ?? ''; return by ? { by, state: 'building', placed: 61203, total: 150203, ready_at: null } : { by: '', state: 'none', placed: 0, total: 0, ready_at: null }; },
  'GET /campaigns/{}/assignments': (u, b, id) => list([...assigned.values()].filter((a) => a.campaign_id === id).map(status)),
  'PUT /campaigns/{}/assignments/{}': (u, b, c, l) => { const a = { campaign_id: c, list_id: l, created_at: d.ago(0), ...b }; assigned.set(`${c} ${l}`, a); return a; }, 'DELETE /campaigns/{}/assignments/{}': (u, b, c, l) => { assigned.delete(`${c} ${l}`); return { status: 204 }; },
  'GET /campaigns/{}/segment-assignments': (u, b, id) => list([...bySegment.values()].filter((a) => a.campaign_id === id)), 'PUT /campaigns/{}/segment-assignments/{}': (u, b, c, s) => { bySegment.set(`${c} ${s}`, { ...part, campaign_id: c, segment_id: s, name: segments.find((x) => x.id === s).name, ...b }); return {}; }, 'DELETE /campaigns/{}/segment-assignments/{}': (u, b, c, s) => { bySegment.delete(`${c} ${s}`); return { status: 204 }; },
  'GET /campaigns/{}/segments': (u, b, id) => of(id), 'PUT /campaigns/{}/segments': (u, b, id) => { chosen.set(id, b.segments); return of(id); },
  'POST /contacts/tags': (u, b) => ({ changed: b.contact_ids.length }), 'PUT /contacts/{}/tags': () => ({ status: 204 }), 'POST /segments/{}/tags': () => ({ status: 202, body: list([startJob('tag', d.lists[0].id).body]) }),
};

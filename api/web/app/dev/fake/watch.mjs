// The fake server's supervisor beside an agent: one watch, which rings for a moment.
import { randomUUID } from 'node:crypto';
import { uuid } from './data.mjs';
import { change } from './stream.mjs';
import { agentNames } from './world.mjs';

const watches = new Map();
const nameOf = (id) => agentNames[agentNames.findIndex((_, i) => uuid(1, 100 + i) === id)] ?? 'Agent';
const put = (w) => { watches.set(w.id, w); change('watch:' + w.supervisor_id, { watch: w }); change('board', { ['watch/' + w.id]: w }); return w; };
const problem = (code) => ({ status: 409, body: { type: 'about:blank', title: 'Conflict', status: 409, code, detail: code } });

export const routes = {
  'GET /watches': () => ({ items: [...watches.values()] }),
  'POST /watches': (u, b) => {
    if ([...watches.values()].some((w) => w.supervisor_id === u.id)) return problem('watching');
    const w = put({ id: randomUUID(), supervisor_id: u.id, supervisor: u.name, agent_id: b.agent_id, agent: nameOf(b.agent_id), mode: b.mode ?? 'listen', state: 'ringing', attempt_id: randomUUID(), silent: false, since: new Date().toISOString() });
    setTimeout(() => watches.has(w.id) && put({ ...watches.get(w.id), state: w.mode === 'takeover' ? 'talking' : 'on' }), Number(process.env.FAKE_RING_MS ?? 1500));
    return { status: 201, body: w };
  },
  'PUT /watches/{}': (u, b, id) => {
    const w = watches.get(id);
    if (!w) return { status: 404, body: { type: 'about:blank', title: 'Not Found', status: 404, code: 'not_found', detail: '' } };
    if (w.state === 'talking') return problem('has_call');
    const next = { ...w, ...b, agent: nameOf(b.agent_id ?? w.agent_id) };
    return put({ ...next, state: next.mode === 'takeover' ? 'talking' : 'on' });
  },
  'DELETE /watches/{}': (u, b, id) => {
    const w = watches.get(id);
    watches.delete(id);
    if (w) { change('watch:' + w.supervisor_id, {}, ['watch']); change('board', {}, ['watch/' + id]); }
    return { status: 204 };
  },
};

/** Another supervisor beside the first agents, for pictures. */
export const others = (n) => { for (let i = 0; i < n; i++) put({ id: randomUUID(), supervisor_id: uuid(9, i), supervisor: ['Wang Supervisor', 'Bernadette von Hohenstein-Schwarzburg'][i % 2], agent_id: uuid(1, 100 + i), agent: nameOf(uuid(1, 100 + i)), mode: ['whisper', 'listen'][i % 2], state: 'on', attempt_id: null, silent: false, since: new Date().toISOString() }); };

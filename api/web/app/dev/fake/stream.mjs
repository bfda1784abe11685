// The fake server's side of the stream: keyed tables, snapshots, deltas, acknowledgements.
import { WebSocketServer } from 'ws';

const epoch = 'fake-' + Date.now();
const topics = new Map();
const clients = new Set();
const topic = (name) => topics.get(name) ?? topics.set(name, { seq: 0, items: {} }).get(name);

export function change(name, set, del = []) {
  const t = topic(name);
  Object.assign(t.items, set);
  for (const k of del) delete t.items[k];
  t.seq++;
  for (const c of clients) if (c.topics.has(name)) c.ws.send(JSON.stringify({ type: 'delta', topic: name, epoch, seq: t.seq, prev_seq: t.seq - 1, set, del }));
}

export const dropAll = () => clients.forEach((c) => c.ws.terminate());

export function serve(server, userOf, onCommand, refusing) {
  const wss = new WebSocketServer({ noServer: true });
  server.on('upgrade', (req, socket, head) => {
    const user = userOf(req);
    if (!user || refusing()) return socket.destroy();
    wss.handleUpgrade(req, socket, head, (ws) => {
      const c = { ws, topics: new Set() };
      clients.add(c);
      ws.on('close', () => clients.delete(c));
      ws.on('message', async (raw) => {
        const m = JSON.parse(raw);
        if (m.type === 'ping') return ws.send('{"type":"pong"}');
        if (m.type === 'command') {
          ws.send(JSON.stringify({ type: 'ack', id: m.id, ...(await onCommand(user, m)) }));
          return;
        }
        if (m.ping) ws.send('{"type":"pong"}');
        for (const { topic: name, epoch: e, seq } of m.topics) {
          const t = topic(name);
          c.topics.add(name);
          if (e !== epoch || seq !== t.seq) ws.send(JSON.stringify({ type: 'snapshot', topic: name, epoch, seq: t.seq, items: t.items }));
        }
      });
    });
  });
}

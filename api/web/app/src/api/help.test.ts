import { describe, expect, it } from 'vitest';
import { unread, type Message } from './help';

const now = Date.parse('2026-03-02T10:00:00Z');
const message = (m: Partial<Message>): Message => ({
  id: 'a', seq: 1, kind: 'chat', from_id: 'boss', from_name: 'Boss', agent_id: 'ann', audience: '', audience_id: null, attempt_id: null, contact_id: null, contact_name: '',
  body: 'x', at: '2026-03-02T09:00:00Z', until: null, read_at: null, ...m,
});

describe('unread messages', () => {
  it('are those of others that nobody has read', () => {
    const all = [message({ id: '1' }), message({ id: '2', from_id: 'ann' }), message({ id: '3', read_at: '2026-03-02T09:30:00Z' })];
    expect(unread(all, 'ann', now).map((m) => m.id)).toEqual(['1']);
  });
  it('are none that have expired', () => {
    const notice = (until: string) => message({ kind: 'notice', agent_id: null, until });
    expect(unread([notice('2026-03-02T10:00:00Z')], 'ann', now)).toEqual([]);
    expect(unread([notice('2026-03-02T10:00:01Z')], 'ann', now)).toHaveLength(1);
  });
});

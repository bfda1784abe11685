import { useEffect, useState } from 'react';
import { load, save } from '../../lib/storage';

/** What an agent has typed for one attempt; it survives a reload. */
export interface Draft {
  code: string;
  note: string;
  /** Wall clock at the callee, "2026-03-08T14:30". */
  callback: string;
  mine: boolean;
  /** Id of the dispose command under way, "" when none. */
  sent: string;
}

const fresh: Draft = { code: '', note: '', callback: '', mine: false, sent: '' };

export function useDraft(attemptID: string): [Draft, (change: Partial<Draft>) => void] {
  const key = 'dialtide.draft.result.' + attemptID;
  const [draft, setDraft] = useState<Draft>(() => ({ ...fresh, ...load<Draft>(key) }));
  useEffect(() => save(key, { ...draft, at: Date.now() }), [key, draft]);
  return [draft, (change) => setDraft((d) => ({ ...d, ...change }))];
}

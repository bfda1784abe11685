import { useEffect, useRef, useState } from 'react';
import { load, save } from '../../lib/storage';
import { useStream } from '../../stream/context';

/** What an agent has typed for one attempt; it survives a reload here, and elsewhere by the server's copy. */
export interface Draft {
  code: string;
  note: string;
  /** Wall clock at the callee, "2026-03-08T14:30". */
  callback: string;
  mine: boolean;
  /** Values of contact fields that the result asks for. */
  fields: Record<string, string>;
  follow: string;
  /** Id of the dispose command under way, "" when none. */
  sent: string;
}

const fresh: Draft = { code: '', note: '', callback: '', mine: false, fields: {}, follow: '', sent: '' };

/** The server's keys: the note by itself, since the server files it when the wrap-up's time runs out. */
const NOTE = 'note';
const REST = 'result';
const PAUSE = 600;

/** A draft out of the server's texts, over what this computer has. */
export function merged(local: Partial<Draft> | null, server: Record<string, string> | null | undefined): Draft {
  const out: Draft = { ...fresh, ...local };
  if (local) return out;
  try {
    const rest = JSON.parse(server?.[REST] ?? '{}') as Partial<Draft>;
    Object.assign(out, rest, { sent: '' });
  } catch {
    // An older page wrote it otherwise.
  }
  out.note = server?.[NOTE] ?? out.note;
  return out;
}

/** Sends a draft to the server a moment after the last change; the newest text wins, a lost one is sent with the next. */
export function useServerDraft(attemptID: string, key: string, text: string): void {
  const stream = useStream();
  const sent = useRef<string | null>(null);
  useEffect(() => {
    if (sent.current === null) {
      sent.current = text; // what was there at first is known
      return;
    }
    if (sent.current === text) return;
    const timer = setTimeout(() => {
      sent.current = text;
      void stream.command('draft', { attempt_id: attemptID, key, value: text });
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [stream, attemptID, key, text]);
}

export function useDraft(attemptID: string, server: Record<string, string> | null | undefined): [Draft, (change: Partial<Draft>) => void] {
  const key = 'dialtide.draft.result.' + attemptID;
  const [draft, setDraft] = useState<Draft>(() => merged(load<Draft>(key), server));
  const touched = useRef(false);
  useEffect(() => {
    if (touched.current) save(key, { ...draft, at: Date.now() });
  }, [key, draft]);
  const { note, sent, ...rest } = draft;
  useServerDraft(attemptID, NOTE, note);
  useServerDraft(attemptID, REST, JSON.stringify(rest));
  return [draft, (change) => {
    touched.current = true;
    setDraft((d) => ({ ...d, ...change }));
  }];
}

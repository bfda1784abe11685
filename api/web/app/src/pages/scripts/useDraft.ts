import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ScriptDoc } from '../../api/desk';
import { ApiError } from '../../api/http';
import { checkDoc, overview, saveDraft, type Checked, type Draft } from './api';
import { sound } from './edit';
import { began, did, redone, undone, type History } from './history';

const SAVE_AFTER = 1200;
const CHECK_AFTER = 500;

export interface Work { name: string; doc: ScriptDoc }
export type SaveState = 'saved' | 'changed' | 'saving' | 'failed' | 'stale';

/** The draft in the page: changes with undo, saved a moment after each; somebody else's newer draft is never written over unasked. */
export function useDraft(id: string, first: Work, revision: number, updated: { by: string; at: string } | null) {
  const client = useQueryClient();
  const [history, setHistory] = useState<History<Work>>(() => began(first));
  const [state, setState] = useState<SaveState>('saved');
  const [error, setError] = useState<unknown>(null);
  const [saved, setSaved] = useState({ revision, by: updated?.by ?? '', at: updated?.at ?? '' });
  const [theirs, setTheirs] = useState<Draft | null>(null);
  const stored = useRef({ work: first, revision });
  const running = useRef<Promise<boolean> | null>(null);
  const now = useRef(first);
  now.current = history.now;

  const save = useCallback(async (): Promise<boolean> => {
    while (running.current) await running.current;
    if (now.current === stored.current.work) return true;
    const send = async () => {
      const work = now.current;
      setState('saving');
      try {
        const d = await saveDraft(id, { name: work.name.trim(), body: work.doc, revision: stored.current.revision });
        stored.current = { work, revision: d.revision };
        setSaved({ revision: d.revision, by: d.updated_by, at: d.updated_at });
        setError(null);
        setState(now.current === work ? 'saved' : 'changed');
        void client.invalidateQueries({ queryKey: ['script-library'] });
        return true;
      } catch (e) {
        setError(e);
        if (e instanceof ApiError && e.status === 409) {
          setTheirs((await overview(id).catch(() => null))?.draft ?? null);
          setState('stale');
        } else setState('failed');
        return false;
      } finally {
        running.current = null;
      }
    };
    running.current = send();
    return running.current;
  }, [id, client]);

  const work = history.now;
  useEffect(() => {
    if (state === 'stale' || work === stored.current.work || !work.name.trim()) return;
    setState((s) => (s === 'saving' ? s : 'changed'));
    const timer = setTimeout(() => void save(), SAVE_AFTER);
    return () => clearTimeout(timer);
  }, [work, state, save]);
  useEffect(() => {
    if (state !== 'failed') return;
    const timer = setTimeout(() => void save(), 10_000);
    return () => clearTimeout(timer);
  }, [state, save]);
  useEffect(() => {
    const warn = (e: BeforeUnloadEvent) => now.current !== stored.current.work && e.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => {
      window.removeEventListener('beforeunload', warn);
      // Going to another page of the desktop saves what is not saved yet.
      void save();
    };
  }, [save]);

  const change = useCallback((f: (doc: ScriptDoc) => ScriptDoc, key = '') =>
    setHistory((h) => {
      const doc = f(h.now.doc);
      return doc === h.now.doc ? h : did(h, { ...h.now, doc }, key, Date.now());
    }), []);
  const rename = useCallback((name: string) => setHistory((h) => did(h, { ...h.now, name }, 'name', Date.now())), []);
  /** Ends a conflict: with mine, which is then saved over theirs, or with theirs. */
  const settle = useCallback(async (mine: boolean) => {
    const d = (await overview(id)).draft;
    stored.current.revision = d?.revision ?? 0;
    setTheirs(null);
    if (mine || !d) {
      stored.current.work = { name: '', doc: now.current.doc };
      setState('changed');
      await save();
      return;
    }
    const taken = { name: d.name, doc: sound(d.body) };
    stored.current.work = taken;
    setSaved({ revision: d.revision, by: d.updated_by, at: d.updated_at });
    // What was mine can still be had back by undo.
    setHistory((h) => did(h, taken, '', Date.now()));
    setState('saved');
  }, [id, save]);

  return {
    ...work, change, rename, save, settle, state, error, theirs, saved, stored,
    undo: useCallback(() => setHistory(undone), []), redo: useCallback(() => setHistory(redone), []),
    canUndo: history.past.length > 0, canRedo: history.future.length > 0,
  };
}

export type DraftWork = ReturnType<typeof useDraft>;

/** What is wrong with a document, asked a moment after its last change. */
export function useCheck(doc: ScriptDoc, campaign: string) {
  const [checked, setChecked] = useState<Checked | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => {
      checkDoc({ body: doc, ...(campaign && { campaign_id: campaign }) }).then(
        (c) => current && (setChecked(c), setFailed(null)),
        (e: unknown) => current && setFailed(e),
      );
    }, CHECK_AFTER);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [doc, campaign]);
  return { checked, failed };
}

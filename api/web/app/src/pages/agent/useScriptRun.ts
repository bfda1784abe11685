import { useCallback, useEffect, useRef, useState } from 'react';
import type { Pop, ScriptAt, ScriptDoc } from '../../api/desk';
import { commandText } from '../../i18n/problem';
import { useStream } from '../../stream/context';
import { beginning } from './script';

const TYPING = 700;

/** One call's way through its script: the server has the position, this page what is being typed. */
export function useScriptRun(doc: ScriptDoc, pop: Pop) {
  const stream = useStream();
  const [at, setAt] = useState<ScriptAt>(() => pop.script_at ?? beginning(doc));
  const [typed, setTyped] = useState<Record<string, unknown>>({});
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [moving, setMoving] = useState(false);
  const timers = useRef(new Map<string, ReturnType<typeof setTimeout>>());
  const pending = useRef(new Map<string, unknown>());
  const shownAt = useRef(Date.now());
  const attempt = pop.attempt_id;
  const newest = useRef(at);
  const flying = useRef(new Set<Promise<unknown>>());

  // What the server shows counts: another tab may have gone on.
  useEffect(() => {
    if (!pop.script_at) return;
    newest.current = pop.script_at;
    setAt(pop.script_at);
  }, [pop.script_at]);
  useEffect(() => {
    shownAt.current = Date.now();
    setProblems({});
  }, [at.step]);

  const take = useCallback((data: unknown) => {
    const next = (data as { at?: ScriptAt } | null | undefined)?.at;
    if (next) {
      newest.current = next;
      setAt(next);
    }
    return next;
  }, []);

  const send = useCallback(async (step: string, question: string, value: unknown): Promise<boolean> => {
    clearTimeout(timers.current.get(question));
    timers.current.delete(question);
    pending.current.delete(question);
    const flight = stream.command('answer', { attempt_id: attempt, step, question, value: value ?? null, spent_ms: Math.min(3_600_000, Date.now() - shownAt.current) });
    flying.current.add(flight);
    const ack = await flight;
    flying.current.delete(flight);
    if (ack.ok) {
      setProblems(({ [question]: _, ...rest }) => rest);
      take(ack.data);
      return true;
    }
    setProblems((p) => ({ ...p, [question]: commandText(ack.error).replace(/^value: /, '') }));
    return false;
  }, [stream, attempt, take]);

  const set = useCallback((step: string, question: string, value: unknown, when: 'now' | 'later') => {
    setTyped((was) => ({ ...was, [question]: value }));
    setProblems(({ [question]: _, ...rest }) => rest);
    if (when === 'now') {
      void send(step, question, value);
      return;
    }
    clearTimeout(timers.current.get(question));
    pending.current.set(question, value);
    timers.current.set(question, setTimeout(() => void send(step, question, value), TYPING));
  }, [send]);

  /** Sends what is still being typed and waits for what is on its way. The page that follows then; null: an answer was refused. */
  const flush = useCallback(async (step: string): Promise<string | null> => {
    const sent = await Promise.all([...pending.current].map(([question, value]) => send(step, question, value)));
    await Promise.all(flying.current);
    return sent.every(Boolean) ? newest.current.next : null;
  }, [send]);

  const command = useCallback(async (name: string, data: object): Promise<string> => {
    setMoving(true);
    const ack = await stream.command(name, { attempt_id: attempt, ...data });
    setMoving(false);
    if (!ack.ok) return commandText(ack.error);
    take(ack.data);
    return '';
  }, [stream, attempt, take]);

  // A script begins with the first command about it.
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current || pop.script_at) return;
    begun.current = true;
    void command('script_go', { step: doc.start });
  }, [command, doc.start, pop.script_at]);
  useEffect(() => {
    const all = timers.current;
    return () => all.forEach((timer) => clearTimeout(timer));
  }, []);

  return { at, answers: { ...pop.answers, ...typed }, problems, moving, set, flush, command };
}

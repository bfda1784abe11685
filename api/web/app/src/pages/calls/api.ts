import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get, query } from '../../api/http';
import type { Recording } from '../../api/types';

const list = async <T>(path: string) => (await get<{ items: T[] }>(path)).items;

/** What is asked of recordings, as it stands in the address. */
export interface Wanted {
  campaign: string;
  agent: string;
  phone: string;
  result: string;
  least: string; // seconds
  most: string;
  from: string; // days
  to: string;
  question: string;
  answer: string;
  held: string;
  score: string; // per cent
  scoreTo: string;
}

export const WANTED = ['campaign', 'agent', 'phone', 'result', 'least', 'most', 'from', 'to', 'question', 'answer', 'held', 'score', 'scoreTo'] as const;

export function wantedOf(search: string): Wanted {
  const p = new URLSearchParams(search);
  return Object.fromEntries(WANTED.map((k) => [k, p.get(k) ?? ''])) as unknown as Wanted;
}

export function addressOf(w: Wanted): string {
  const p = new URLSearchParams({ tab: 'recordings' });
  for (const k of WANTED) if (w[k]) p.set(k, w[k]);
  return `/calls?${p}`;
}

const day = (text: string, after: number) => {
  const at = new Date(`${text}T00:00:00`);
  if (Number.isNaN(at.getTime())) return '';
  at.setDate(at.getDate() + after);
  return at.toISOString();
};

const percent = (text: string) => (/^\d+$/.test(text) && Number(text) <= 100 ? Number(text) : undefined);

const ms = (text: string) => (/^\d+$/.test(text) ? Number(text) * 1000 : undefined);

/** The server's words for it. */
export function asked(w: Wanted): Record<string, string | number | undefined> {
  const [least, most] = [percent(w.score), percent(w.scoreTo)];
  const phone = w.phone.replace(/[\s()-]/g, '');
  return {
    campaign_id: w.campaign, agent_id: w.agent, phone: phone && !phone.startsWith('+') ? `+${phone}` : phone, disposition: w.result, least_ms: ms(w.least), most_ms: ms(w.most),
    from: day(w.from, 0), until: day(w.to, 1), question: w.question, answer: w.question ? w.answer : '', held: w.held ? 'true' : '',
    // From 0 or to 100 per cent means: any score, but one.
    ...(least === undefined && most === undefined ? {} : { scored: 'true', least_score: least, most_score: most !== undefined && most < (least ?? 0) ? least : most }),
  };
}

export const PAGE = 50;

export interface Cursor {
  before: string;
  before_id: string;
}

export const useRecordings = (w: Wanted, cursor: Cursor | undefined) =>
  useQuery({
    queryKey: ['recordings', w, cursor],
    placeholderData: keepPreviousData,
    queryFn: () => list<Recording>('/recordings' + query({ ...asked(w), ...cursor, limit: PAGE })),
  });

export interface PlayMark {
  ms: number;
  kind: 'announced' | 'unannounced' | 'paused' | 'resumed' | 'started' | 'stopped' | 'step' | 'answer' | 'disposition';
  text: string;
}

export interface Hold {
  id: string;
  attempt_id?: string;
  contact_id?: string;
  reason: string;
  by_name: string;
  at: string;
}

export interface Wave {
  peaks: string | null;
  marks: PlayMark[];
  holds: Hold[];
}

export const useWave = (id: string, source: string) => useQuery({ queryKey: ['wave', id], queryFn: () => get<Wave>(`${source}/wave`), staleTime: 60_000 });

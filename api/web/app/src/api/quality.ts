// Scorecards, evaluations of calls, which calls are drawn, calibration, coaching and trends.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { del, get, post, put, query } from './http';

export type QuestionKind = 'yesno' | 'points';

export interface Question {
  id: string;
  text: string;
  hint?: string;
  kind: QuestionKind;
  best?: number;
  want?: 'yes' | 'no' | '';
  weight: number;
  na?: boolean;
  fatal?: boolean;
}

export interface Section {
  title: string;
  questions: Question[];
}

export interface Card {
  appeal_days: number;
  sections: Section[];
}

export interface CardHead {
  id: string;
  name: string;
  version: number;
  revision: number;
  drafted: boolean;
  retired: boolean;
  questions: number;
  used: number;
  updated_at: string;
  updated_by: string;
  published_at: string | null;
}

export interface CardVersion {
  version: number;
  name: string;
  body: Card;
  note: string;
  published_at: string;
  published_by: string;
}

export interface CardWhole extends CardHead {
  draft: Card | null;
  problems: { path: string; reason: string }[];
  versions: CardVersion[];
}

export interface Answer {
  question: string;
  /** null: does not apply. */
  points: number | null;
  comment?: string;
  at?: number[];
}

export interface Sheet {
  answers: Answer[];
  comment?: string;
}

export interface Line {
  question: string;
  na: boolean;
  share: number;
  lost: number;
  fatal: boolean;
}

export interface Result {
  score: number;
  fatal: boolean;
  lines: Line[];
}

export type AppealState = 'none' | 'open' | 'upheld' | 'changed';

export interface Evaluation {
  id: string;
  attempt_id: string;
  agent_id: string;
  agent: string;
  campaign: string;
  called_at: string;
  card_id: string;
  card_version: number;
  card: string;
  evaluator_id: string;
  evaluator: string;
  submitted_at: string;
  score: number;
  submitted_score: number;
  fatal: boolean;
  changes: number;
  appeal_until: string;
  acknowledged_at: string | null;
  appeal: AppealState;
  recorded: boolean;
}

export interface Change {
  at: string;
  by: string;
  kind: 'correction' | 'appeal';
  reason: string;
  was: number;
  score: number;
  sheet: Sheet;
}

export interface EvaluationWhole extends Evaluation {
  body: Card;
  sheet: Sheet;
  result: Result;
  submitted_sheet: Sheet;
  history: Change[];
  appeal_text: { text: string; at: string; decided_at: string | null; decided_by: string; verdict: string; answer: string } | null;
  seconds: number;
}

export interface Call {
  attempt_id: string;
  agent_id: string;
  agent: string;
  campaign_id: string;
  campaign: string;
  contact_id: string;
  contact: string;
  called_at: string;
  disposition: string;
  seconds: number;
  evaluation_id: string | null;
  card_id: string | null;
}

export interface Rule {
  id: string;
  name: string;
  card_id: string;
  card: string;
  enabled: boolean;
  campaign_id: string | null;
  team_id: string | null;
  agent_id: string | null;
  mode: 'share' | 'weekly';
  share: number;
  per_week: number;
  dispositions: string[];
  least_ms: number;
  most_ms: number;
  early: boolean;
  due_days: number;
  revision: number;
  drawn_until: string;
  created_by: string;
  drawn: number;
  open: number;
}

export interface Due {
  attempt_id: string;
  agent_id: string;
  agent: string;
  campaign_id: string;
  campaign: string;
  card_id: string;
  card: string;
  called_at: string;
  duration_ms: number;
  disposition: string;
  due_at: string;
  rules: string[];
  gone: boolean;
}

export interface Calibration {
  id: string;
  title: string;
  attempt_id: string;
  agent: string;
  campaign: string;
  called_at: string;
  card_id: string;
  card_version: number;
  card: string;
  reference_id: string | null;
  created_by: string;
  created_at: string;
  closed_at: string | null;
  asked: number;
  submitted: number;
  mine: boolean;
  done: boolean;
}

export interface Judge {
  user_id: string;
  name: string;
  submitted: boolean;
  reference: boolean;
  sheet?: Sheet;
  score: number;
  distance: number;
  by_line: number;
}

export interface Spread {
  question: string;
  n: number;
  na: number;
  mean: number;
  sd: number;
  least: number;
  most: number;
  right: number;
  distance: number;
  agree: number;
}

export interface CalibrationWhole extends Calibration {
  body: Card;
  judges: Judge[];
  spreads: Spread[];
  mean: number;
  sd: number;
}

export interface AgentScore {
  agent_id: string;
  agent: string;
  n: number;
  score: number;
  fatal: number;
  open: number;
}

export interface Weak {
  agent_id: string;
  agent: string;
  card_id: string;
  card: string;
  question: string;
  text: string;
  n: number;
  missed: number;
  fatal: number;
  lost: number;
  open: number;
  last: string;
}

export interface Weakness {
  agents: AgentScore[];
  pairs: Weak[];
  questions: Weak[];
}

export interface Task {
  id: string;
  agent_id: string;
  agent: string;
  card_id: string | null;
  question: string;
  question_text: string;
  evaluation_id: string | null;
  text: string;
  due_on: string | null;
  created_by: string;
  created_at: string;
  done_at: string | null;
  done_by: string;
  outcome: string;
}

export interface Week {
  week: string;
  n: number;
  mean: number | null;
  half: number | null;
  team_n: number;
  team_mean: number | null;
  team_half: number | null;
}

export interface Trend {
  agent_id: string;
  against: 'team' | 'all';
  weeks: Week[];
  n: number;
  mean: number | null;
}

const at = (path: string) => `/quality/${path}`;
const items = async <T>(path: string) => (await get<{ items: T[] }>(at(path))).items;
const key = (...rest: unknown[]) => ['quality', ...rest];

export const useCards = (enabled = true) => useQuery({ queryKey: key('cards'), queryFn: () => items<CardHead>('scorecards'), enabled });
export const useCard = (id: string) => useQuery({ queryKey: key('card', id), queryFn: () => get<CardWhole>(at(`scorecards/${id}`)), enabled: !!id && id !== 'new' });
export const useRules = () => useQuery({ queryKey: key('rules'), queryFn: () => items<Rule>('rules'), refetchInterval: 60_000 });
export const useQueue = (f: { agent_id?: string; campaign_id?: string; rule_id?: string; late?: string }) =>
  useQuery({ queryKey: key('queue', f), queryFn: () => items<Due>('queue' + query({ ...f, limit: 500 })), refetchInterval: 60_000 });
export const useCall = (attempt: string) => useQuery({ queryKey: key('call', attempt), queryFn: () => get<Call>(at(`calls/${attempt}`)), enabled: !!attempt });
export const useEvaluation = (id: string) => useQuery({ queryKey: key('evaluation', id), queryFn: () => get<EvaluationWhole>(at(`evaluations/${id}`)) });

export interface EvaluationChoice {
  agent_id?: string;
  campaign_id?: string;
  card_id?: string;
  state?: string;
  least?: number;
  most?: number;
}

const PAGE = 100;

export const useEvaluations = (f: EvaluationChoice) =>
  useInfiniteQuery({
    queryKey: key('evaluations', f),
    initialPageParam: null as Evaluation | null,
    queryFn: ({ pageParam: last }) => items<Evaluation>('evaluations' + query({ ...f, limit: PAGE, ...(last ? { before: last.submitted_at, before_id: last.id } : {}) })),
    getNextPageParam: (page) => (page.length === PAGE ? page.at(-1)! : undefined),
  });

export const useCalibrations = () => useQuery({ queryKey: key('calibrations'), queryFn: () => items<Calibration>('calibrations' + query({ limit: 200 })) });
export const useCalibration = (id: string) => useQuery({ queryKey: key('calibration', id), queryFn: () => get<CalibrationWhole>(at(`calibrations/${id}`)), enabled: !!id });
export const useWeakness = (f: { from: string; to: string; team_id?: string; campaign_id?: string; card_id?: string }) =>
  useQuery({ queryKey: key('coaching', f), queryFn: () => get<Weakness>(at('coaching' + query(f))) });
export const useTasks = (f: { agent_id?: string; open?: string }) => useQuery({ queryKey: key('tasks', f), queryFn: () => items<Task>('tasks' + query({ ...f, limit: 500 })) });
const WAITING = 5 * 60_000;
/** Whether an agent has a score that he has not seen, and whether he is to be coached. Asked when he has nothing else to do. */
export const useWaiting = () =>
  useQuery({
    queryKey: key('waiting'),
    queryFn: async () => {
      const [scores, tasks] = await Promise.all([items<Evaluation>('evaluations' + query({ state: 'unread', limit: 1 })), items<Task>('tasks' + query({ open: 'true', limit: 1 }))]);
      return { score: scores.length > 0, task: tasks.length > 0 };
    },
    staleTime: WAITING / 5,
    refetchInterval: WAITING,
  });
export const useTrend = (f: { agent_id?: string; team_id?: string; card_id?: string; weeks: number }) =>
  useQuery({ queryKey: key('trend', f), queryFn: () => get<Trend>(at('trend' + query(f))) });

type Span = Record<string, string | number | undefined>;
const fileOf = (path: string) => (f: Span, format: 'csv' | 'xlsx') => '/api' + at(`${path}/file` + query({ ...f, format }));
export const coachingURL = fileOf('coaching');
export const tasksURL = fileOf('tasks');
export const trendURL = fileOf('trend');

/** A change after which everything about quality is asked anew, and the scores of recordings. */
function useChange<A, R>(change: (a: A) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => Promise.all([client.invalidateQueries({ queryKey: ['quality'] }), client.invalidateQueries({ queryKey: ['recordings'] })]),
  });
}

export const useSaveCard = () =>
  useChange((c: { id: string; name: string; body: Card; revision: number }) =>
    c.id ? put<CardWhole>(at(`scorecards/${c.id}/draft`), { name: c.name, body: c.body, revision: c.revision }) : post<CardWhole>(at('scorecards'), { name: c.name, body: c.body }));
export const usePublishCard = () => useChange((c: { id: string; revision: number; note: string }) => post<CardWhole>(at(`scorecards/${c.id}/publish`), { revision: c.revision, note: c.note }));
export const useRetireCard = () => useChange((c: { id: string; retired: boolean }) => post<CardWhole>(at(`scorecards/${c.id}/retire`), { retired: c.retired }));

export interface RuleText {
  name: string;
  card_id: string;
  enabled: boolean;
  campaign_id?: string;
  team_id?: string;
  agent_id?: string;
  mode: 'share' | 'weekly';
  share?: number;
  per_week?: number;
  dispositions?: string[];
  least_ms?: number;
  most_ms?: number;
  early?: boolean;
  due_days: number;
}

export const useSaveRule = () => useChange((r: { id: string; revision: number; text: RuleText }) => (r.id ? put<Rule>(at(`rules/${r.id}`), { ...r.text, revision: r.revision }) : post<Rule>(at('rules'), r.text)));
export const useDeleteRule = () => useChange((id: string) => del(at(`rules/${id}`)));
export const useSkip = () => useChange((s: { attempt: string; reason: string }) => post(at(`queue/${s.attempt}/skip`), { reason: s.reason }));

export interface NewEvaluation extends Sheet {
  id: string;
  attempt_id: string;
  card_id: string;
  card_version: number;
  calibration_id?: string;
}

export const useSubmit = () => useChange((e: NewEvaluation) => post<{ id: string; score: number; fatal: boolean }>(at('evaluations'), e));
export const useCorrect = (id: string) => useChange((c: Sheet & { reason: string }) => post<EvaluationWhole>(at(`evaluations/${id}/corrections`), c));
export const useAcknowledge = (id: string) => useChange(() => post<EvaluationWhole>(at(`evaluations/${id}/acknowledge`)));
export const useAppeal = (id: string) => useChange((text: string) => post<EvaluationWhole>(at(`evaluations/${id}/appeal`), { text }));
export const useDecide = (id: string) => useChange((d: { verdict: 'upheld' | 'changed'; answer: string; sheet?: Sheet }) => post<EvaluationWhole>(at(`evaluations/${id}/decision`), d));
export const useCalibrate = () =>
  useChange((c: { title: string; attempt_id: string; card_id: string; evaluators: string[]; reference_id?: string }) => post<CalibrationWhole>(at('calibrations'), c));
export const useCloseCalibration = (id: string) => useChange(() => post<CalibrationWhole>(at(`calibrations/${id}/close`)));
export const useAddTask = () =>
  useChange((n: { id: string; agent_id: string; card_id?: string; question?: string; evaluation_id?: string; text: string; due_on?: string }) => post<Task>(at('tasks'), n));
export const useFinishTask = () => useChange((d: { id: string; outcome: string }) => post<Task>(at(`tasks/${d.id}/done`), { outcome: d.outcome }));

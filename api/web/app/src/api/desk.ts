import type { Watcher } from './watch';
// JSON shapes of an agent's screen, named as the server names them (package agent).
import { useQuery } from '@tanstack/react-query';
import { get } from './http';
import type { AgentState, DispositionCode, Outcome, Text } from './types';

export interface Pop {
  attempt_id: string;
  campaign: { id: string; name: string };
  contact: PopContact;
  history: HistoryItem[] | null;
  script: { id: string; version: number } | null;
  script_at?: ScriptAt | null;
  /** What the contact answered in his last call with this script. */
  earlier?: { attempt_id: string; at: string; step: string; answers: Record<string, unknown> } | null;
  /** By question. */
  answers: Record<string, unknown> | null;
  dispositions: DispositionCode[] | null;
  caller_id: string;
  /** Contact fields that the agent may change. */
  edit_fields?: string[] | null;
  follow_ups?: boolean;
  crm_url?: string;
  handover?: { from: string; note: string; warm: boolean; at: string } | null;
}

export interface PopContact {
  id: string;
  name: string;
  phone: string;
  zone: string;
  local_time: string;
  fields: Record<string, string> | null;
}

export interface HistoryItem {
  at: string;
  outcome: Outcome;
  agent: string;
  disposition: string;
  note: string;
}

export type TalkTo = { kind: 'agent'; agent_id: string } | { kind: 'queue'; campaign_id: string } | { kind: 'outside'; number: string };

export interface CallView {
  attempt_id: string;
  status: 'dialing' | 'ringing' | 'reserved' | 'talking' | 'ended';
  direction?: 'outbound' | 'inbound';
  kind?: string;
  bridged_at: string | null;
  ended_at: string | null;
  outcome: Outcome | '';
  hung_up_by: string;
  role?: '' | 'consulted';
  held?: boolean;
  muted?: boolean;
  parked?: boolean;
  music_until?: string | null;
  consult?: { to: TalkTo; label: string; status: 'ringing' | 'talking'; since: string } | null;
  parties?: { kind: 'contact' | 'agent' | 'outside'; label: string }[];
  handed_on?: boolean;
}

export interface ParkedCall {
  attempt_id: string;
  contact_name: string;
  parked_by: string;
  since: string;
  until: string;
}

export interface CallbackDue {
  id: string;
  campaign_id: string;
  campaign_name: string;
  contact_id: string;
  contact_name: string;
  due_at: string;
  zone: string;
  note: string;
  /** For anyone in the campaign. */
  shared?: boolean;
}

export interface Preview {
  offer_id: string;
  contact: PopContact;
  deadline: string;
  may_skip: boolean;
  forced: boolean;
  reasons: string[] | null;
}

export interface Team {
  agents: number;
  calls: number;
  talk_seconds: number;
  successes: number;
  idle_seconds: number;
  conversion: number;
  at: string;
}

export interface PauseUse {
  reason: string;
  used_seconds: number;
  limit_seconds: number;
  blocked: boolean;
}

export interface Today {
  calls: number;
  talk_seconds: number;
  successes: number;
  idle_seconds?: number;
  wrap_up_seconds?: number;
  pause_seconds?: number;
}

export interface Screen {
  agent: { id: string; name: string; login: string };
  session: { id: string; campaign_id: string; campaign_name: string; started_at: string } | null;
  state: AgentState;
  reason: string;
  since: string;
  deadline: string | null;
  leaving: boolean;
  pause_at?: string | null;
  phone: 'up' | 'ringing' | 'down';
  server_time: string;
  pop: Pop | null;
  call: CallView | null;
  needs_disposition: boolean;
  not_ready_reasons: string[] | null;
  today: Today;
  ended_by?: string;
  leaving_by?: string;
  steered_by?: string;
  wrap_up?: { mode: 'required' | 'optional' | 'timed' | 'timed_auto'; more_left: number; auto_code: string } | null;
  next_pause?: string;
  drafts?: Record<string, string> | null;
  preview?: Preview | null;
  pauses?: PauseUse[] | null;
  pause_until?: string | null;
  callbacks_due?: CallbackDue[] | null;
  parked_calls?: ParkedCall[] | null;
  team?: Team | null;
  watchers?: Watcher[] | null;
  recording?: Recording | null;
}

/** How the recording of the call in talk stands. */
export interface Recording {
  on: boolean;
  paused: boolean;
  until: string | null;
  demand: boolean;
  may_pause: boolean;
}

export interface Targets {
  agents: { id: string; name: string; campaign_id: string; campaign: string; state: AgentState; ready: boolean }[];
  queues: { campaign_id: string; campaign: string; ready: number }[];
  outside: { name: string; number: string }[];
}

/** To whom the call may be given; asked anew every few seconds while somebody chooses. */
export const useTargets = (open: boolean) =>
  useQuery({ queryKey: ['desk', 'targets'], queryFn: () => get<Targets>('/desk/targets'), enabled: open, refetchInterval: 3000, staleTime: 0 });

// ---- scripts, form 2 ----

export interface ScriptOption {
  value: string;
  label: Text;
  /** Excludes the others: "none of these". */
  alone?: boolean;
}

export type QuestionType = 'single' | 'multiple' | 'number' | 'money' | 'date' | 'text' | 'rating' | 'matrix';

export interface Question {
  id: string;
  type: QuestionType;
  text?: Text;
  hint?: Text;
  when?: string;
  required?: boolean;
  options?: ScriptOption[];
  set?: string;
  rows?: ScriptOption[];
  min?: number;
  max?: number;
  decimals?: number;
  currency?: string;
  from?: string;
  to?: string;
  pattern?: string;
}

export interface ScriptPage {
  id: string;
  sub?: string;
  title: Text;
  text: Text;
  hint?: Text;
  disclosure?: { text: Text; when?: string };
  questions?: Question[];
  next?: { when?: string; call?: string; to: string; suggest?: string }[];
  menu?: boolean;
  suggest?: string;
  topics?: string[];
  place?: { x: number; y: number };
}

export interface ScriptDoc {
  v: 2;
  start: string;
  zone?: string;
  sets?: { id: string; options: ScriptOption[] }[];
  values?: { id: string; is: string }[];
  subs?: { id: string; title: Text; start: string; objection?: boolean }[];
  steps: ScriptPage[];
}

export interface Frame {
  sub: string;
  return: string;
  objection?: boolean;
}

export interface Position {
  step: string;
  over?: boolean;
  stack?: Frame[];
  trail?: { step: string; stack?: Frame[] }[];
  read?: string[];
  suggest?: string;
}

export interface ScriptAt extends Position {
  progress: number;
  /** The page that follows for these answers; "" is the end. */
  next: string;
  /** Ids of the page's questions that are to be shown now. */
  shown: string[] | null;
  values: Record<string, string | number | boolean> | null;
  missing: { step: string; question?: string; code: 'required' | 'unread' }[] | null;
  /** The page's disclosure is due. */
  say: boolean;
}

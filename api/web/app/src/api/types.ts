// JSON shapes of the REST API and of the stream, named as the server names them.
import type { RuleSettings } from './law';

import type { ScriptDoc } from './desk';
import type { DeskSettings, DispositionFlags } from './deskSettings';

export type { HistoryItem, Pop, Screen } from './desk';
export type { TransferTarget } from './deskSettings';

export type Role = 'agent' | 'supervisor' | 'list_manager' | 'admin';
export type PhoneKind = 'sip' | 'webrtc';
export type Language = 'en' | 'zh-CN';

export interface User {
  id: string;
  login: string;
  name: string;
  role: Role;
  language: Language;
  phone_kind?: PhoneKind;
  endpoint?: string;
  phone_code?: number;
  disabled?: boolean;
  created_at?: string;
}

export interface NewUser {
  login: string;
  name: string;
  password: string;
  role: Role;
  phone_kind: PhoneKind;
  endpoint: string;
  language: Language;
}

// Same order as lists.Outcomes on the server.
export const OUTCOMES = [
  'connected', 'abandoned', 'early_hangup', 'machine', 'busy', 'no_answer', 'invalid_number', 'rejected',
  'trunk_failed', 'cancelled', 'switch_lost', 'unknown', 'not_placed', 'inbound', 'inbound_missed',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const AGENT_STATES = ['Offline', 'NotReady', 'Ready', 'Reserved', 'Preview', 'Talking', 'WrapUp'] as const;
export type AgentState = (typeof AGENT_STATES)[number];

export type Effect = 'finish' | 'retry' | 'callback' | 'dnc';

export interface DispositionCode {
  code: string;
  label: string;
  label_zh: string;
  effect: Effect;
  success: boolean;
  refusal?: boolean;
  /** Contact fields that must have a value when this is given. */
  required_fields?: string[] | null;
  /** Kind of the follow-up that it may ask for. */
  follow_up?: string;
  flags?: DispositionFlags;
}

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';
export const WEEKDAYS: Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
export type Week = Partial<Record<Weekday, [string, string][]>>;

export interface Recycle {
  after: number;
  limit: number;
  /** The next attempt goes to the contact's next number. */
  next_phone?: boolean;
}

export const ORDERS = ['list', 'priority', 'field', 'newest', 'oldest', 'random', 'closing', 'best_time'] as const;
export type OrderBy = (typeof ORDERS)[number];

/** Who comes next of the contacts never tried, and how the lists take turns. */
export interface Order {
  by?: OrderBy | '';
  field?: string;
  type?: 'text' | 'number' | 'date';
  descending?: boolean;
  seed?: number;
  lists?: '' | 'together' | 'mix';
  mix?: { list_id: string; weight: number }[];
}

/** How often somebody is tried in a time; without a window it is the callee's calendar day. */
export interface Limit {
  per: 'contact' | 'number';
  max: number;
  window_seconds?: number;
}

export const MODES = ['preview', 'progressive', 'power', 'predictive'] as const;
export type Mode = (typeof MODES)[number];
export type LegalWindow = 'day' | '30d' | 'month';

/** What is left out is as the server chooses. */
export interface PacingSettings {
  caution?: 'window' | 'strict';
  windows?: LegalWindow[];
  zone?: string;
  aim?: 'abandonment' | 'occupancy' | 'wait';
  aim_value?: number;
  max_occupancy?: number;
  max_lines?: number;
  in_order?: boolean;
  weight?: number;
}

export const RECORD_POLICIES = ['always', 'demand', 'percent', 'never'] as const;
export type RecordPolicy = (typeof RECORD_POLICIES)[number];

export interface RecordingSettings {
  record_policy?: RecordPolicy;
  record_percent?: number;
  record_announce?: string;
  record_pause?: number;
  record_required?: boolean;
  retention_days?: number;
}

/** Absent: as usual. */
export interface AlertSettings {
  /** Share of the abandonment cap from which an alert is raised. */
  alert_near?: number;
  /** Seconds after which an agent who is ready without a call is idle. */
  alert_idle?: number;
}

export const CALLER_CHOICES = ['contact', 'area'] as const;
/** Which of several caller IDs a contact is shown. Absent: contact. */
export type CallerChoice = (typeof CALLER_CHOICES)[number];

export interface Settings extends PacingSettings, RuleSettings, DeskSettings, RecordingSettings, AlertSettings {
  silent_watch?: boolean;
  mode: Mode;
  ratio: number;
  caller_id: string;
  caller_ids?: string[];
  caller_choice?: CallerChoice;
  hours: Week;
  ring_timeout: number;
  max_attempts: number;
  cap: { max: number; window_seconds: number };
  limits?: Limit[];
  order?: Order;
  recycle: Partial<Record<Outcome, Recycle>>;
  script_id: string;
  script_version: number;
  dispositions: DispositionCode[];
  record: boolean;
  amd: 'off' | 'beside' | 'before';
  abandon_target: number;
  answer_wait: number;
  message: string;
  wrap_up: number;
}

export type CampaignStatus = 'paused' | 'running' | 'draining' | 'stopped';

export interface Campaign {
  id: string;
  name: string;
  status: CampaignStatus;
  trunk_id: string;
  list_ids: string[];
  settings: Settings;
  revision: number;
}

export type CampaignDraft = Omit<Campaign, 'id' | 'status' | 'revision'> & { revision?: number };

// An agent sees only this much of the campaigns that he may log in to.
export type CampaignName = Pick<Campaign, 'id' | 'name'> & Partial<Pick<Campaign, 'status'>>;

export interface Summary {
  loaded: number;
  dialable: number;
  untouched: number;
  in_flight: number;
  finished: number;
  finished_by: Record<string, number> | null;
  excluded: Record<string, number> | null;
  waiting_for: Record<string, number> | null;
  attempts: number;
  attempts_by_outcome: Partial<Record<Outcome, number>> | null;
  live: number;
  abandoned: number;
}

export interface Trunk {
  id: string;
  name: string;
  endpoint: string;
  max_channels: number;
  cps: number;
  /** That its calls may show; absent: any. */
  caller_ids?: string[];
}

export interface ContactList {
  id: string;
  name: string;
  region: string;
  created_at: string;
  contacts: number;
  revision: number;
  archived_at: string | null;
}

export interface Contact {
  id: string;
  list_id: string;
  phone: string;
  name: string;
  zones: string[];
  fields: Record<string, string>;
  created_at?: string;
}

export interface ImportJob {
  id: string;
  list_id: string;
  file_name: string;
  state: 'ready' | 'running' | 'done' | 'failed' | 'cancelled';
  bytes_total: number;
  bytes_read: number;
  rows_read: number;
  accepted: number;
  updated: number;
  rejected: number;
  on_dnc: number;
  reasons: Record<string, number> | null;
  encoding: string;
  delimiter: string;
  error: string;
  cancel: boolean;
  created_at?: string;
  ended_at?: string | null;
}

export interface Reject {
  row_no: number;
  field: string;
  value: string;
  reason: string;
}

export interface Attempt {
  id: string;
  phone: string;
  campaign_id: string;
  list_id: string;
  contact_id: string;
  contact_name: string;
  kind: string;
  caller_id: string;
  permit_at: string;
  answered_at?: string | null;
  bridged_at?: string | null;
  ended_at: string;
  agent_id?: string | null;
  agent_name: string;
  outcome: Outcome;
  cause: number;
  sip_code: number;
  hung_up_by: string;
  amd: string;
  disposition: string;
  note: string;
  recorded: boolean;
}

export interface Callback {
  id: string;
  campaign_id: string;
  agent_id: string | null;
  due_at: string;
  note: string;
  state: 'open' | 'done' | 'cancelled';
  attempt_id: string;
  created_at: string;
}

/** Where a contact stands in one campaign. */
export interface Place {
  campaign_id: string;
  state: 'waiting' | 'in_flight' | 'finished' | 'excluded';
  reason: string;
  attempts: number;
  last_outcome: string;
  due_at: string | null;
}

export interface Journey {
  contact: Contact;
  places: Place[];
  attempts: Attempt[];
  callbacks: Callback[];
  dnc: DNC[];
  tags: string[];
}

export interface DNC {
  id: string;
  phone: string;
  campaign_id: string | null;
  reason: string;
  by: string | null;
  created_at: string;
  until: string | null;
  /** The customer's own id of a person; the entry is of all his numbers. */
  person?: string;
}

export interface Recording {
  attempt_id: string;
  campaign_id: string;
  campaign: string;
  agent_id?: string;
  agent: string;
  contact_id: string;
  contact: string;
  phone: string;
  disposition: string;
  sha256: string;
  bytes: number;
  duration_ms: number;
  channels: number;
  created_at: string;
  policy?: RecordPolicy | '';
  percent?: number;
  announced?: boolean;
  paused_ms?: number;
  encrypted?: boolean;
  format?: 'wav' | 'opus';
  held?: boolean;
  /** Of its evaluation, per cent. */
  score?: number | null;
  evaluation_id?: string | null;
}

export interface ScriptName {
  id: string;
  name: string;
  version: number;
}

export type Text = string | Partial<Record<Language, string>>;

export interface ScriptVersion extends ScriptName {
  /** As it was stored. */
  body: unknown;
  /** In form 2, whatever form it was stored in. */
  document: ScriptDoc;
}

/** One moment of a campaign's pacing. */
export interface PacingSample {
  at: string;
  in_flight: number;
  wanted: number;
  dialled: number;
  limit: string;
  risk: number;
  allowed: number;
  budget: number;
  reserved: number;
  ready: number;
  leaving: number;
  talking: number;
  wrap_up: number;
  utilisation: number;
  abandonment: number;
  /** Seconds that the forecast looks ahead; the agents and the people who answer that it expects by then. */
  ahead: number;
  free: number;
  coming: number;
  /** An earlier forecast for this moment, and what came. */
  then: { at: string; free: number; came_free: number; coming: number; came_answer: number } | null;
}

export interface PacingStatus {
  campaign_id: string;
  here: boolean;
  mode: Mode | '';
  target: number;
  caution: string;
  aim: string;
  aim_value: number;
  max_occupancy: number;
  max_lines: number;
  windows: { span: LegalWindow; start: string; end: string; live: number; abandoned: number; rate: number }[];
  now: PacingSample | null;
  dialled: number;
  forecasts: number;
  error_free: number;
  error_coming: number;
  sample_seconds: number;
  samples: PacingSample[];
}

export interface SimulationQuestion {
  agents?: number;
  from?: number;
  until?: number;
  target?: number;
  mode?: 'progressive' | 'power' | 'predictive';
  ratio?: number;
  most?: number;
  zone?: string;
}

/** A figure over simulated days: its mean and half of its 95 % confidence interval. */
export interface Value {
  mean: number;
  half: number;
}

export type CaseName = 'as_now' | 'asked' | 'progressive' | 'power' | 'predictive';

export interface SimulatedCase {
  name: CaseName;
  mode: Mode;
  ratio: number;
  agents: number;
  target: number;
  utilisation: Value;
  abandonment: Value;
  worst30: Value;
  idle: Value;
  idle_p90: Value;
  connects: Value;
  dials: Value;
  dials_per_talk: Value;
  course: { minute: number; utilisation: Value; abandonment: Value }[];
  windows_broken: number;
}

export interface StaffingHour {
  hour: number;
  usual: number;
  answer: number;
  cells: { agents: number; connects: Value; utilisation: Value; abandonment: Value }[];
}

export interface SimulationAnswer {
  basis: {
    calls: number;
    live: number;
    days: number;
    from: string;
    until: string;
    talk: number;
    wrap_up: number;
    ring: number;
    answer_rate: number;
    hours: { hour: number; answer: number; agents: number }[];
    notes: string[];
  };
  cases: SimulatedCase[];
  staffing: StaffingHour[];
  runs: number;
  from: number;
  until: number;
}

export type SimulationState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted';

export interface Simulation {
  id: string;
  campaign_id: string;
  question: SimulationQuestion;
  state: SimulationState;
  progress: number;
  problem: string;
  answer?: SimulationAnswer;
  created_at: string;
  ended_at: string | null;
}

// What the stream carries -----------------------------------------------------

export interface BoardAgent {
  id: string;
  name: string;
  campaign_id: string;
  state: AgentState;
  reason: string;
  since: string;
  phone: string;
  attempt_id: string | null;
  contact_name: string;
  /** When the present pause uses up its limit of the day; past: it is overrun. */
  pause_until?: string | null;
}

export interface BoardCampaign {
  id: string;
  name: string;
  status: CampaignStatus;
  mode: string;
  ready: number;
  leaving: number;
  reserved: number;
  talking: number;
  wrap_up: number;
  not_ready: number;
  /** Calls placed and not answered. */
  dialing: number;
  waiting: number;
  in_calls: number;
  /** Since the dialer's process began. */
  dials: number;
  /** Answered by a person, and of those abandoned, in the legal window. */
  live: number;
  abandoned: number;
  abandon_rate: number;
  abandon_target: number;
  budget: number;
  limit: string;
  server_time: string;
}

export interface BoardCall {
  attempt_id: string;
  campaign_id: string;
  contact_id: string;
  contact_name: string;
  phone: string;
  state: string;
  since: string;
  agent_id: string | null;
}

export type { BoardTrunk } from './room';

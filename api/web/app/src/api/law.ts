// JSON shapes of what the law asks of lists and people, named as the server names them.
import type { Attempt, Callback, Contact, DNC, Week } from './types';

export const RULE_KINDS = ['hours', 'cap', 'pause', 'ring', 'consent', 'registry', 'caller_id', 'abandonment', 'keep', 'conduct'] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

export const ACTIVITIES = ['sales', 'research', 'debt', 'service'] as const;
export type Activity = (typeof ACTIVITIES)[number];

export interface Rule {
  id: string;
  kind: RuleKind;
  where?: string[];
  activities?: Activity[];
  from?: string;
  to?: string;
  title: string;
  title_zh: string;
  source: string;
  mark: 'V' | 'S' | '';
  verified: string;
  hours?: Week;
  holidays?: string[];
  max?: number;
  window_seconds?: number;
  scope?: 'number' | 'person' | '';
  after?: 'refusal' | 'conversation' | 'abandoned' | '';
  days?: number;
  ever?: boolean;
  unless?: 'agent' | '';
  ring_seconds?: number;
  region?: string;
  max_age_seconds?: number;
  share?: number;
  block?: '' | 'day' | '30d' | 'month';
  within_seconds?: number;
  /** Grounds on which the rule does not hold for one number; none: it holds for everybody. */
  override?: Ground[];
}

export const GROUNDS = ['consent', 'relationship'] as const;
export type Ground = (typeof GROUNDS)[number];

/** A rule that does not hold for one number or contact for a time, by the decision of a person. */
export interface Override {
  id: string;
  rule: string;
  ground: Ground;
  phone: string;
  contact_id: string | null;
  campaign_id: string | null;
  why: string;
  since: string;
  until: string;
  by: string | null;
  made_at: string;
  ended_at: string | null;
  ended_by: string | null;
  ended_why: string;
}

/** An override with a contact whom it concerns: the one that it is for, or one with its number. */
export interface ListedOverride extends Override {
  who: { id: string; name: string; phone: string } | null;
}

export interface NewOverride {
  rule: string;
  ground: Ground;
  phone?: string;
  contact_id?: string;
  campaign_id?: string;
  why: string;
  until: string;
}

export interface Pack {
  id: string;
  version: string;
  covers: string[];
  title: string;
  title_zh: string;
  rules: Rule[];
}

/** What a campaign chooses of the law; packs left out are as the server chooses. */
export interface RuleSettings {
  packs?: string[];
  no_packs?: boolean; // an empty list of packs is meant so
  custom_rules?: Rule[];
  activity?: Activity | '';
  registries?: RegistryDemand[];
  purpose?: string;
}

export interface RegistryDemand {
  region: string;
  max_age_days: number;
}

export interface RuleAnswer {
  rule: string;
  kind: string;
  pack?: string;
  pass: boolean;
  until?: string;
  act?: boolean;
  why: string;
  why_zh: string;
  title: string;
  title_zh: string;
  source?: string;
  mark?: string;
  dnc?: DNC[];
  registries?: string[];
  /** An override lifts the rule for this number at the moment. */
  lifted?: boolean;
  override?: Override;
}

export type WhyState = 'untouched' | 'waiting' | 'in_flight' | 'finished' | 'excluded';

/** Why one contact may or may not be called by one campaign now. */
export interface ContactWhy {
  campaign_id: string;
  contact_id: string;
  phone: string;
  at: string;
  dialable: boolean;
  rule: string;
  next: string | null;
  state: WhyState;
  reason: string;
  due_at: string | null;
  attempts: number;
  answers: RuleAnswer[];
}

export interface ReasonCount {
  state: WhyState;
  reason: string;
  contacts: number;
  next?: string | null;
}

export interface ZoneCount {
  zones: string[];
  region: string;
  contacts: number;
  open: boolean;
  next: string | null;
}

/** Why a campaign dials or does not. */
export interface CampaignWhy {
  campaign_id: string;
  at: string;
  status: string;
  dialable: boolean;
  reason: string;
  why: string;
  why_zh: string;
  next: string | null;
  loaded: number;
  untouched: number;
  due: number;
  next_due: string | null;
  estimated: boolean;
  judged: number;
  reasons: ReasonCount[];
  zones: ZoneCount[];
}

export interface Registry {
  id: string;
  name: string;
  region: string;
  everyone: boolean;
  numbers: number;
  as_of: string | null;
  loaded_at: string | null;
  created_at: string;
  /** Regions and beginnings of numbers that it was loaded for; empty: all of its region. */
  coverage: string[];
}

export interface BadLine {
  line: number;
  value: string;
  reason: string;
}

export interface RegistryLoad {
  no: number;
  registry_id: string;
  file_name: string;
  as_of: string;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  stage: 'reading' | 'indexing' | 'replacing' | 'withdrawing';
  bytes_total: number;
  bytes_read: number;
  lines: number;
  numbers: number;
  bad: number;
  bad_lines: BadLine[];
  error: string;
  created_at: string;
  ended_at: string | null;
}

/** What became of a file of numbers for the do-not-call list. */
export interface DNCFile {
  lines: number;
  numbers: number;
  bad: number;
  bad_lines: BadLine[] | null;
  added: number;
}

export interface Consent {
  id: string;
  phone: string;
  person: string;
  purpose: string;
  evidence: string;
  evidence_sha256: string;
  source: string;
  given_at: string;
  until: string | null;
  recorded_at: string;
  recorded_by: string | null;
  withdrawn_at: string | null;
  withdrawn_how: string;
}

export interface NewConsent {
  phone?: string;
  person?: string;
  purpose: string;
  evidence?: string;
  source?: string;
  given_at: string;
  until?: string;
}

/** A row of a file that was not taken, with its cells. */
export interface RejectedRow {
  row_no: number;
  field: string;
  value: string;
  reason: string;
  record?: string[];
}

/** What became of a file of consents. */
export interface ConsentFile {
  header: string[];
  rows: number;
  added: number;
  known: number;
  rejected: number;
  rejects: RejectedRow[];
}

export interface Found extends Contact {
  list_name: string;
  key: string;
  archived: boolean;
}

export interface SearchResult {
  items: Found[];
  more: boolean;
  indexing: boolean;
}

export const EVENT_KINDS = ['loaded', 'attempt', 'open', 'callback', 'consent', 'withdrawn', 'dnc'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** One thing that happened to a contact. */
export interface JourneyEvent {
  at: string;
  kind: EventKind;
  other: boolean;
  campaign: string;
  attempt?: Attempt;
  open?: { attempt_id: string; phone: string; campaign_id: string; at: string };
  callback?: Callback;
  consent?: Consent;
  dnc?: DNC;
  import_id?: string;
}

export interface Timeline {
  events: JourneyEvent[];
  next: string;
}

export interface Erased {
  contacts: number;
  numbers: number;
  attempts: number;
  notes: number;
  answers: number;
  consents: number;
  dnc: number;
  overrides: number;
  recordings_deleted: number;
  /** Those that the erasure left. */
  recordings: { attempt_id: string; path: string; sha256: string }[];
}

export interface ChanceBin {
  from: number;
  to: number;
  mean: number;
  rate: number;
  count: number;
}

export interface ChanceScores {
  count: number;
  rate: number;
  mean: number;
  brier: number;
  brier_base: number;
  log_loss: number;
  calibration_error: number;
  bins: ChanceBin[] | null;
}

/** How good the chances of an answer have been that a campaign dials by. */
export interface ChanceReport {
  learned: number;
  base: number;
  all: ChanceScores;
  recent: ChanceScores;
  /** By the chances that are kept with the attempts. */
  dialled: ChanceScores;
  updated_at: string;
}

// The choices of a campaign for its agents' day, as lists.DeskSettings and its neighbours on the server name them.

export const WRAP_UPS = ['required', 'optional', 'timed', 'timed_auto'] as const;
export type WrapUpMode = (typeof WRAP_UPS)[number];

/** An outside number to which calls may be transferred. */
export interface TransferTarget {
  name: string;
  number: string;
}

/** What is left out is as the server chooses. Times are in seconds. */
export interface DeskSettings {
  wrap_up_mode?: WrapUpMode;
  wrap_up_more?: number;
  wrap_up_extra?: number;
  wrap_up_auto?: string;
  edit_fields?: string[];
  follow_ups?: boolean;
  pause_limits?: Record<string, number>;
  pause_block?: boolean;
  callback_wait?: number;
  callback_keep?: boolean;
  callback_remind?: number;
  preview_seconds?: number;
  preview_skip?: boolean;
  preview_reasons?: string[];
  preview_skip_after?: number;
  preview_field?: string;
  inbound?: boolean;
  inbound_wait?: number;
  inbound_queue?: number;
  blend?: number;
  transfer_targets?: TransferTarget[];
  crm_url?: string;
}

/** What a call with a disposition was. */
export interface DispositionFlags {
  contacted?: boolean;
  right_party?: boolean;
  success?: boolean;
  refusal?: boolean;
  dnc?: boolean;
  callback?: boolean;
}

/** As agent.DefaultReasons on the server. */
export const PAUSE_REASONS = ['break', 'lunch', 'meeting', 'training', 'admin'] as const;

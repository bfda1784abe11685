import type { Codec } from './codec';
import type { Quality } from './quality';

/** What GET /api/phone tells. */
export interface PhoneView {
  kind: 'sip' | 'webrtc';
  aor: string;
  realm: string;
  ws_path: string;
  ice: { urls: string[] }[];
  elsewhere: boolean;
}

export interface Credentials {
  username: string;
  password: string;
  expires_at: string;
}

/**
 * off: the account has another phone; starting; other_tab: another tab of this browser has it; elsewhere: another sign-in has
 * it; connecting: registering; waiting: registered, in no call of the dialer's; up: in the call that stays up between
 * customers; lost: the connection is gone and comes back by itself.
 */
export type PhoneState = 'off' | 'starting' | 'other_tab' | 'elsewhere' | 'connecting' | 'waiting' | 'up' | 'lost';

/** What keeps the agent from hearing or being heard; each has a remedy that is shown. */
export type Blocked = 'insecure' | 'microphone' | 'no_microphone' | 'busy_microphone' | 'sound';

export type TestState = 'calling' | 'running' | 'done' | 'failed';

export interface Device {
  id: string;
  label: string;
}

/** Choices of this computer; they outlast a sign-in. Empty: the system's own device. */
export interface Choices {
  mic: string;
  speaker: string;
  ringer: string;
  beep: boolean;
  codec: Codec;
  clean: boolean; // echo cancellation, noise suppression, automatic gain
}

export interface PhoneSnapshot {
  state: PhoneState;
  blocked: Blocked | null;
  quality: Quality | null;
  devices: { mics: Device[]; outputs: Device[] };
  choices: Choices;
  testing: { state: TestState; heard: boolean; code: string } | null;
  /** True for the agent's information when the phone came back after it was lost. */
  cameBack: boolean;
  /** True while the call gives way to one with another codec. */
  renewing: boolean;
}

export type Level = { mic: number; speaker: number };

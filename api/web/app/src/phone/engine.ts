import { get, post, ApiError } from '../api/http';
import { load, save } from '../lib/storage';
import { Line, type Call } from './line';
import { Media, whyBlocked } from './media';
import { Owner } from './owner';
import { judge, read, WINDOW, type Sample } from './quality';
import type { Blocked, Choices, Credentials, Level, PhoneSnapshot, PhoneView } from './types';

const CHOICES = 'dialtide.phone';
const LOOK = 2000; // between looks at the quality of a call
const ASK_RING = 5000; // a registered phone in no call asks to be rung so often
const TEST_TIME = 9000;
const FIRST_RETRY = 1000;
const LAST_RETRY = 30_000;
const GESTURES = ['pointerup', 'keydown'] as const;

const defaults: Choices = { mic: '', speaker: '', ringer: '', beep: true, codec: 'ulaw', clean: true };

const BEEP: [number, number][] = [[880, 90], [0, 40], [1175, 110]];
const LOST: [number, number][] = [[520, 160], [0, 60], [390, 240]];

/**
 * The agent's softphone. It owns the microphone, the registration and the call that stays up, and comes back by itself from
 * whatever takes them away. Views read snapshots of it.
 */
export class PhoneEngine {
  private snapshot: PhoneSnapshot = {
    state: 'starting', blocked: null, quality: null, devices: { mics: [], outputs: [] },
    choices: { ...defaults, ...load<Partial<Choices>>(CHOICES) }, testing: null, cameBack: false, renewing: false,
  };
  private listeners = new Set<() => void>();
  private media: Media | null = null;
  private line: Line | null = null;
  private owner: Owner | null = null;
  private view: PhoneView | null = null;
  private session: string | null = null;
  private watch: string | null = null;
  private leg: Call | null = null;
  private testCall: Call | null = null;
  private samples: Sample[] = [];
  private looker: ReturnType<typeof setInterval> | undefined;
  private asker: ReturnType<typeof setInterval> | undefined;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private renewTimer: ReturnType<typeof setTimeout> | undefined;
  private testTimer: ReturnType<typeof setTimeout> | undefined;
  private wait = FIRST_RETRY;
  private run = 0; // a line that was given up must not speak any more
  private stopped = true;
  private wasUp = false;
  private inTalk = false;
  private outdated = false; // the call that is up has not the codec that was chosen

  constructor(private readonly userID: string) {}

  subscribe = (f: () => void): (() => void) => {
    this.listeners.add(f);
    return () => this.listeners.delete(f);
  };

  read = (): PhoneSnapshot => this.snapshot;

  level = (): Level => this.media?.level() ?? { mic: 0, speaker: 0 };

  start(): void {
    this.stopped = false;
    window.addEventListener('pagehide', this.onPageHide);
    for (const act of GESTURES) window.addEventListener(act, this.onGesture, true);
    navigator.mediaDevices?.addEventListener?.('devicechange', this.onDevices);
    void this.enquire();
  }

  stop(): void {
    this.stopped = true;
    window.removeEventListener('pagehide', this.onPageHide);
    for (const act of GESTURES) window.removeEventListener(act, this.onGesture, true);
    navigator.mediaDevices?.removeEventListener?.('devicechange', this.onDevices);
    this.owner?.stop();
    this.drop();
    this.media?.close();
    this.media = null;
  }

  /** The login to a campaign that the dialer may call for; null: none. */
  setSession(id: string | null): void {
    if (this.session === id) return;
    this.session = id;
    this.line?.expected.set('agent', id);
    if (!id) this.leg?.hangup();
    this.askToBeRung();
  }

  /** The watch for which the dialer may call a supervisor; null: none. Its call ends by the dialer. */
  setWatch(id: string | null): void {
    if (this.watch === id) return;
    this.watch = id;
    this.line?.expected.set('supervisor', id);
  }

  /** Whether somebody is in the call that stays up, who must not be cut off. */
  setInTalk(yes: boolean): void {
    this.inTalk = yes;
    this.renewCall();
  }

  // A codec holds for a whole call: the one that is up gives way to a new one as soon as nobody hears it.
  private renewCall(): void {
    if (!this.outdated || this.inTalk) return;
    this.outdated = false;
    this.set({ renewing: this.leg !== null });
    this.leg?.hangup();
  }

  /** Makes this tab the one that has the phone. */
  takeOver = (): void => {
    if (this.snapshot.state === 'other_tab') this.owner?.take();
    else if (this.snapshot.state === 'elsewhere') void this.begin(true);
  };

  /** Tries again what the browser did not allow; called from a click, which browsers want. */
  unblock = (): void => {
    if (this.snapshot.blocked === 'sound') void this.media?.unsilence();
    else if (this.snapshot.blocked) void this.begin(true);
  };

  choose = (change: Partial<Choices>): void => {
    const before = this.snapshot.choices;
    const choices = { ...before, ...change };
    save(CHOICES, choices);
    this.set({ choices });
    if (choices.codec !== before.codec) {
      this.outdated = this.leg !== null;
      this.renewCall();
    }
    if ('mic' in change || 'clean' in change) void this.changeMic();
    if ('speaker' in change) void this.media?.sendTo(choices.speaker);
    if ('ringer' in change) void this.media?.alert(LOST, choices.ringer);
  };

  /** A customer is there. */
  beep = (): void => {
    if (this.snapshot.choices.beep && this.leg) this.media?.tones(BEEP);
  };

  /** Calls this phone and sends back what it says. */
  test = async (): Promise<void> => {
    if (!this.line || this.snapshot.testing?.state === 'calling' || this.snapshot.testing?.state === 'running') return;
    this.set({ testing: { state: 'calling', heard: false, code: '' } });
    try {
      const { id } = await post<{ id: string }>('/phone/test');
      this.line?.expected.set('test', id);
      this.testTimer = setTimeout(() => this.endTest(), TEST_TIME + 3000);
    } catch (e) {
      this.set({ testing: { state: 'failed', heard: false, code: e instanceof ApiError ? e.code : '' } });
    }
  };

  private async enquire(): Promise<void> {
    try {
      this.view = await get<PhoneView>('/phone');
    } catch {
      return this.later(() => this.enquire());
    }
    this.wait = FIRST_RETRY;
    if (this.stopped) return;
    if (this.view.kind !== 'webrtc') return this.set({ state: 'off' });
    this.owner ??= new Owner('dialtide.phone.' + this.userID, (mine) => (mine ? void this.begin(false) : this.giveWay()));
    this.owner.start();
  }

  private giveWay(): void {
    this.drop();
    this.media?.close();
    this.media = null;
    this.set({ state: 'other_tab', blocked: null });
  }

  // Microphone first: a phone that cannot be spoken into must not be rung.
  private async begin(force: boolean): Promise<void> {
    this.drop();
    const run = this.run;
    const over = () => this.stopped || run !== this.run;
    this.set({ state: 'connecting', quality: null });
    this.media ??= new Media((silenced) => this.setBlocked('sound', silenced), () => void this.changeMic());
    try {
      await this.media.open(this.snapshot.choices);
      if (over()) return;
      this.set({ blocked: null });
      void this.media.unsilence();
      void this.media.sendTo(this.snapshot.choices.speaker);
    } catch (e) {
      if (!over()) this.set({ blocked: isInsecure(e) ? 'insecure' : whyBlocked(e) });
      void this.watchPermission();
      return;
    } finally {
      if (!over()) void this.onDevices();
    }
    try {
      this.view = await get<PhoneView>('/phone');
      if (over()) return;
      if (this.view.elsewhere && !force) return this.set({ state: 'elsewhere' });
      await this.register(run);
    } catch {
      if (over()) return;
      this.set({ state: 'lost' });
      this.later(() => this.begin(force));
    }
  }

  private async register(run: number): Promise<void> {
    const secret = await post<Credentials>('/phone/credentials');
    if (this.stopped || run !== this.run || !this.view) return;
    const mine = <A extends unknown[]>(f: (...a: A) => void) => (...a: A) => run === this.run && f(...a);
    const line = new Line(this.view, {
      onState: mine((s) => this.lineState(s)), onTaken: mine(() => this.elsewhere()),
      onVoid: mine(() => this.later(() => this.begin(false))), onCall: mine((kind, call) => (kind === 'test' ? this.testChanged(call) : this.legChanged(call))),
    }, () => this.media?.stream ?? null, () => this.snapshot.choices.codec);
    this.line = line;
    line.expected.set('agent', this.session);
    line.expected.set('supervisor', this.watch);
    this.renewAt(secret);
    await line.start(secret);
  }

  // A new secret well before the old one ends, so that the registration never does.
  private renewAt(secret: Credentials): void {
    clearTimeout(this.renewTimer);
    const left = Date.parse(secret.expires_at) - Date.now();
    const line = this.line;
    this.renewTimer = setTimeout(async () => {
      try {
        const next = await post<Credentials>('/phone/credentials');
        if (this.line !== line) return;
        line?.renew(next);
        this.renewAt(next);
      } catch {
        this.renewTimer = setTimeout(() => this.line === line && this.renewAt(secret), 10_000);
      }
    }, Math.max(5000, left * 0.7));
  }

  private lineState(state: 'connecting' | 'ready' | 'gone'): void {
    if (state === 'ready') {
      this.wait = FIRST_RETRY;
      this.set({ state: this.leg ? 'up' : 'waiting' });
      return this.askToBeRung();
    }
    // Voice goes its own way: a call may live on while the registration is gone.
    if (!this.leg) this.set({ state: state === 'gone' || this.wasUp ? 'lost' : 'connecting' });
  }

  private legChanged(call: Call | null): void {
    this.leg = call;
    this.samples = [];
    clearInterval(this.looker);
    if (call) {
      void this.media?.play(call.remote);
      this.looker = setInterval(() => void this.look(), LOOK);
      this.set({ state: 'up', cameBack: this.wasUp && !this.snapshot.renewing, renewing: false, quality: judge([]) });
      this.wasUp = true;
      return;
    }
    this.media?.hush();
    this.set({ state: 'waiting', quality: null });
    if (this.session && !this.snapshot.renewing) void this.media?.alert(LOST, this.snapshot.choices.ringer);
    else this.wasUp = false;
    this.askToBeRung();
  }

  private testChanged(call: Call | null): void {
    this.testCall = call;
    if (!call) return this.endTest();
    clearTimeout(this.testTimer);
    void this.media?.play(call.remote);
    this.samples = [];
    clearInterval(this.looker);
    this.looker = setInterval(() => void this.look(), LOOK / 4);
    this.set({ testing: { state: 'running', heard: false, code: '' } });
    this.testTimer = setTimeout(() => this.endTest(), TEST_TIME);
  }

  private endTest(): void {
    clearTimeout(this.testTimer);
    const test = this.snapshot.testing;
    const call = this.testCall;
    this.testCall = null;
    this.line?.expected.set('test', null);
    call?.hangup();
    if (test?.state === 'calling') this.set({ testing: { ...test, state: 'failed', code: 'phone_unreachable' } });
    if (test?.state === 'running') this.set({ testing: { ...test, state: 'done' } });
    if (test?.state === 'running') this.legChangedBack();
  }

  private legChangedBack(): void {
    clearInterval(this.looker);
    this.samples = [];
    if (!this.leg) {
      this.media?.hush();
      return this.set({ quality: null });
    }
    void this.media?.play(this.leg.remote);
    this.looker = setInterval(() => void this.look(), LOOK);
  }

  private async look(): Promise<void> {
    const call = this.testCall ?? this.leg;
    if (!call) return;
    const report = await call.peer.getStats().catch(() => null);
    if (!report || call !== (this.testCall ?? this.leg)) return;
    this.samples = [...this.samples, read(report.values())].slice(-WINDOW);
    const quality = judge(this.samples);
    const test = this.snapshot.testing;
    if (this.testCall && test?.state === 'running' && this.level().speaker > 0.2) this.set({ testing: { ...test, heard: true } });
    this.set({ quality });
  }

  private askToBeRung(): void {
    clearInterval(this.asker);
    if (!this.session || this.leg || this.snapshot.state !== 'waiting') return;
    const run = this.run;
    const ask = () => {
      if (this.leg || this.snapshot.state !== 'waiting') return clearInterval(this.asker);
      post('/phone/ring').catch((e) => {
        // The server has no connection of this phone, though it looks open from here: a network that was away closes none.
        if (e instanceof ApiError && e.code === 'phone_gone' && run === this.run && !this.leg) void this.begin(false);
      }); // else asked again
    };
    ask();
    this.asker = setInterval(ask, ASK_RING);
  }

  private elsewhere(): void {
    this.drop();
    this.media?.closeMic();
    this.set({ state: 'elsewhere', quality: null });
  }

  private async changeMic(): Promise<void> {
    if (!this.media || !this.line) return;
    try {
      const track = await this.media.open(this.snapshot.choices);
      await this.line?.replaceMic(track);
      this.set({ blocked: null });
    } catch (e) {
      this.set({ blocked: isInsecure(e) ? 'insecure' : whyBlocked(e) });
    }
    void this.onDevices();
  }

  private onDevices = async (): Promise<void> => {
    const devices = await this.media?.devices();
    if (!devices) return;
    this.set({ devices });
    const { blocked, choices } = this.snapshot;
    if (blocked === 'no_microphone' && devices.mics.length > 0) void this.begin(true);
    else if (choices.mic && this.line && devices.mics.some((d) => d.id === choices.mic)) {
      // The chosen headset is back in its socket.
      const now = this.media?.stream?.getAudioTracks()[0]?.getSettings().deviceId;
      if (now && now !== choices.mic) void this.changeMic();
    }
  };

  private async watchPermission(): Promise<void> {
    const p = await navigator.permissions?.query({ name: 'microphone' as PermissionName }).catch(() => null);
    if (p) p.onchange = () => p.state === 'granted' && this.snapshot.blocked && void this.begin(true);
  }

  // Whatever the agent does in the page gives it the right to sound.
  private onGesture = (): void => {
    if (this.snapshot.blocked === 'sound') void this.media?.unsilence();
  };

  private onPageHide = (): void => this.drop();

  private drop(): void {
    this.run++;
    for (const t of [this.looker, this.asker]) clearInterval(t);
    for (const t of [this.retryTimer, this.renewTimer, this.testTimer]) clearTimeout(t);
    this.line?.stop();
    this.line = this.leg = this.testCall = null;
    this.media?.hush();
    if (this.snapshot.testing) this.set({ testing: null });
  }

  private later(f: () => Promise<void>): void {
    clearTimeout(this.retryTimer);
    if (this.stopped) return;
    this.retryTimer = setTimeout(() => void f(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(2 * this.wait, LAST_RETRY);
  }

  private setBlocked(what: Blocked, on: boolean): void {
    if (on) this.set({ blocked: what });
    else if (this.snapshot.blocked === what) this.set({ blocked: null });
  }

  private set(change: Partial<PhoneSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    this.listeners.forEach((f) => f());
  }
}

function isInsecure(e: unknown): boolean {
  return (e as { name?: string }).name === 'InsecureError';
}

import type { RTCSession } from 'jssip/lib/RTCSession';
import type { RTCSessionEvent, UA } from 'jssip/lib/UA';
import { callerOf, Expected, type Caller } from './caller';
import { prefer, type Codec } from './codec';
import type { Credentials, PhoneView } from './types';

type JsSIPModule = typeof import('jssip');

/** Close codes of our server's socket. */
const TAKEN = 4001;
const EXPIRED = 4002;

/** How long a peer connection may be without its network before the call is given up. */
const ICE_PATIENCE = 4000;

export interface LineEvents {
  /** connecting, ready (registered), gone (comes back by itself). */
  onState(state: 'connecting' | 'ready' | 'gone'): void;
  /** Another sign-in has the phone now. */
  onTaken(): void;
  /** The secret is void: fresh ones are needed, and a new line. */
  onVoid(): void;
  /** A call of the dialer's is up, or over. */
  onCall(kind: Caller['kind'], call: Call | null): void;
}

export interface Call {
  id: string;
  peer: RTCPeerConnection;
  remote: MediaStream;
  hangup(): void;
}

/** SIP registration of one page, and the calls that come over it. Only the dialer's calls are taken. */
export class Line {
  readonly expected = new Expected();
  private ua: UA | null = null;
  private sessions = new Map<Caller['kind'], RTCSession>();
  private stopped = false;

  constructor(private readonly view: PhoneView, private readonly events: LineEvents, private readonly mic: () => MediaStream | null,
    private readonly codec: () => Codec) {}

  async start(secret: Credentials): Promise<void> {
    const JsSIP = await load();
    if (this.stopped) return;
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new JsSIP.WebSocketInterface(`${scheme}//${location.host}${this.view.ws_path}`);
    socket.via_transport = 'WS'; // what the switch has, whatever stands in front of it
    // A line that was given up says goodbye for a moment yet; it must not come back meanwhile and push out the one that took its place.
    const connect = socket.connect.bind(socket);
    socket.connect = () => {
      if (!this.stopped) connect();
    };
    const ua = new JsSIP.UA({
      sockets: [socket], uri: `sip:${secret.username}@${this.view.realm}`, authorization_user: secret.username, password: secret.password,
      register: true, register_expires: 60, session_timers: false, user_agent: 'Dialtide desktop',
      connection_recovery_min_interval: 1, connection_recovery_max_interval: 3,
    });
    this.ua = ua;
    ua.on('connecting', () => this.events.onState('connecting'));
    ua.on('registered', () => this.events.onState('ready'));
    ua.on('disconnected', (e) => this.disconnected(e.code));
    ua.on('registrationFailed', (e) => [401, 403, 404, 407].includes(e.response?.status_code ?? 0) && this.retire(this.events.onVoid));
    ua.on('newRTCSession', (e: RTCSessionEvent) => {
      if (String(e.originator) === 'remote') void this.called(e.session, callerOf(e.request.getHeader('X-Dialtide-Leg')));
    });
    this.events.onState('connecting');
    ua.start();
  }

  /** Takes a new secret for the registrations to come. */
  renew(secret: Credentials): void {
    this.ua?.set('password', secret.password);
  }

  /** Changes the microphone of the calls that are up. */
  async replaceMic(track: MediaStreamTrack): Promise<void> {
    for (const session of this.sessions.values()) {
      for (const sender of session.connection?.getSenders() ?? []) if (sender.track?.kind === 'audio' || !sender.track) await sender.replaceTrack(track);
    }
  }

  /** Ends calls and registration; what can still be said to the switch is said before a page goes. */
  stop(): void {
    this.stopped = true;
    this.ua?.stop();
    this.ua = null;
  }

  private retire(then: () => void): void {
    if (this.stopped) return;
    this.stop();
    then();
  }

  private disconnected(code: number | undefined): void {
    if (this.stopped) return;
    if (code === TAKEN) return this.retire(this.events.onTaken);
    if (code === EXPIRED) return this.retire(this.events.onVoid);
    this.events.onState('gone');
  }

  private async called(session: RTCSession, caller: Caller | null): Promise<void> {
    const stream = this.mic();
    if (!caller || !stream || !(await this.expected.fits(caller))) {
      if (!session.isEnded()) session.terminate({ status_code: caller && !stream ? 480 : 403 });
      return;
    }
    if (session.isEnded() || this.stopped) return;
    this.end(caller.kind); // the one before is dead if the dialer calls again
    this.sessions.set(caller.kind, session);
    const over = () => {
      if (this.sessions.get(caller.kind) !== session) return;
      this.sessions.delete(caller.kind);
      this.events.onCall(caller.kind, null);
    };
    session.on('ended', over);
    session.on('failed', over);
    session.on('icecandidate', quickly());
    session.on('sdp', (e) => {
      if (String(e.originator) === 'remote') e.sdp = prefer(e.sdp, this.codec());
    });
    session.on('peerconnection', (e) => this.watch(e.peerconnection, session, caller));
    session.answer({ mediaStream: stream, mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: this.view.ice, bundlePolicy: 'max-bundle' } });
  }

  private watch(peer: RTCPeerConnection, session: RTCSession, caller: Caller): void {
    const remote = new MediaStream();
    peer.addEventListener('track', (e) => {
      remote.addTrack(e.track);
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    let up = false;
    peer.addEventListener('connectionstatechange', () => {
      clearTimeout(timer);
      const state = peer.connectionState;
      if (state === 'connected' && !up) {
        up = true;
        this.events.onCall(caller.kind, { id: caller.id, peer, remote, hangup: () => !session.isEnded() && session.terminate() });
      }
      const give = () => !session.isEnded() && session.terminate();
      if (state === 'failed') give();
      if (state === 'disconnected') timer = setTimeout(give, ICE_PATIENCE);
    });
  }

  private end(kind: Caller['kind']): void {
    const session = this.sessions.get(kind);
    this.sessions.delete(kind);
    if (session && !session.isEnded()) session.terminate();
  }
}

// The library is only fetched by those who have their phone in the page. It is CommonJS: all of it is its default.
async function load(): Promise<JsSIPModule> {
  const module = (await import('jssip')) as unknown as JsSIPModule & { default?: JsSIPModule };
  return module.default ?? module;
}

/** Candidates of a local network are there at once: do not wait for a slow server's. */
function quickly(): (e: { ready: () => void }) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return ({ ready }) => {
    timer ??= setTimeout(ready, 400);
  };
}

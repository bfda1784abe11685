import type { Blocked, Choices, Device, Level } from './types';

type Sink = { setSinkId?: (id: string) => Promise<void> };

/** What the browser says of a microphone that it does not give. */
export function whyBlocked(error: unknown): Blocked {
  switch ((error as { name?: string } | null)?.name) {
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'no_microphone';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy_microphone';
  }
  return 'microphone';
}

/** Headset of the agent: microphone, loudspeaker, meter, signal tones. One at a time per page. */
export class Media {
  stream: MediaStream | null = null;

  private readonly audio = document.createElement('audio');
  private context: AudioContext | null = null;
  private micMeter: AnalyserNode | null = null;
  private speakerMeter: AnalyserNode | null = null;
  private speakerSource: MediaStreamAudioSourceNode | null = null;
  private buffer = new Float32Array(1024);

  /** onSilenced: the browser does not play sound until the agent has clicked; onMicGone: the device was pulled out. */
  constructor(private readonly onSilenced: (silenced: boolean) => void, private readonly onMicGone: () => void) {
    this.audio.autoplay = true;
    this.audio.hidden = true;
    this.audio.dataset.testid = 'phone-audio';
    document.body.append(this.audio);
  }

  /** Opens the chosen microphone, or the system's when that is gone. Throws what getUserMedia throws. */
  async open(choices: Choices): Promise<MediaStreamTrack> {
    if (!navigator.mediaDevices?.getUserMedia) throw Object.assign(new Error('insecure'), { name: 'InsecureError' });
    const wish = { echoCancellation: choices.clean, noiseSuppression: choices.clean, autoGainControl: choices.clean };
    const ask = (more: MediaTrackConstraints) => navigator.mediaDevices.getUserMedia({ audio: { ...wish, ...more }, video: false });
    const stream = choices.mic ? await ask({ deviceId: { exact: choices.mic } }).catch((e) => {
      if (whyBlocked(e) === 'no_microphone') return ask({});
      throw e;
    }) : await ask({});
    this.closeMic();
    this.stream = stream;
    const track = stream.getAudioTracks()[0]!;
    track.addEventListener('ended', this.onMicGone);
    this.micMeter = this.meter(stream)?.[1] ?? null;
    return track;
  }

  closeMic(): void {
    for (const track of this.stream?.getTracks() ?? []) {
      track.removeEventListener('ended', this.onMicGone);
      track.stop();
    }
    this.stream = null;
    this.micMeter = null;
  }

  /** Plays what the far end says. */
  async play(stream: MediaStream): Promise<void> {
    if (this.audio.srcObject !== stream) {
      this.audio.srcObject = stream;
      this.speakerSource?.disconnect();
      [this.speakerSource, this.speakerMeter] = this.meter(stream) ?? [null, null];
    }
    await this.unsilence();
  }

  hush(): void {
    this.audio.srcObject = null;
    this.speakerSource?.disconnect();
    this.speakerSource = this.speakerMeter = null;
  }

  /** Tries to play again; from a click it works. */
  async unsilence(): Promise<void> {
    try {
      if (this.context?.state === 'suspended') await Promise.race([this.context.resume(), new Promise((r) => setTimeout(r, 300))]);
      if (this.audio.srcObject) await this.audio.play();
      this.onSilenced(this.context?.state === 'suspended');
    } catch (e) {
      if ((e as Error).name === 'NotAllowedError') this.onSilenced(true);
    }
  }

  async sendTo(speaker: string): Promise<void> {
    await (this.audio as Sink).setSinkId?.(speaker).catch(() => (this.audio as Sink).setSinkId?.(''));
    await (this.context as Sink | null)?.setSinkId?.(speaker).catch(() => undefined);
  }

  /** How loud it is now at both ends, 0 to 1. */
  level(): Level {
    return { mic: this.loudness(this.micMeter), speaker: this.loudness(this.speakerMeter) };
  }

  /** Short tones in the headset: [hertz, milliseconds] one after another. */
  tones(list: [number, number][]): void {
    const context = this.audioContext();
    if (!context || context.state !== 'running') return;
    ring(context, list);
  }

  /** The same on another output, for what is to be heard when the headset is not worn. */
  async alert(list: [number, number][], output: string): Promise<void> {
    if (!output) return this.tones(list);
    const context = new AudioContext();
    await (context as Sink).setSinkId?.(output).catch(() => undefined);
    const end = ring(context, list);
    setTimeout(() => void context.close(), end + 300);
  }

  async devices(): Promise<{ mics: Device[]; outputs: Device[] }> {
    const all = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
    const of = (kind: MediaDeviceKind) => all.filter((d) => d.kind === kind && d.deviceId && d.deviceId !== 'default' && d.deviceId !== 'communications')
      .map((d) => ({ id: d.deviceId, label: d.label }));
    return { mics: of('audioinput'), outputs: of('audiooutput') };
  }

  close(): void {
    this.hush();
    this.closeMic();
    this.audio.remove();
    void this.context?.close().catch(() => undefined);
    this.context = null;
  }

  private audioContext(): AudioContext | null {
    if (!this.context && typeof AudioContext !== 'undefined') this.context = new AudioContext();
    return this.context;
  }

  private meter(stream: MediaStream): [MediaStreamAudioSourceNode, AnalyserNode] | null {
    const context = this.audioContext();
    if (!context || stream.getAudioTracks().length === 0) return null;
    const source = context.createMediaStreamSource(stream);
    const analyser = context.createAnalyser();
    analyser.fftSize = this.buffer.length;
    source.connect(analyser);
    return [source, analyser];
  }

  private loudness(analyser: AnalyserNode | null): number {
    if (!analyser) return 0;
    analyser.getFloatTimeDomainData(this.buffer);
    const rms = Math.sqrt(this.buffer.reduce((sum, v) => sum + v * v, 0) / this.buffer.length);
    // -60 dB is the meter's left end, -6 dB its right one: speech moves in the middle.
    return rms <= 0 ? 0 : Math.max(0, Math.min(1, (20 * Math.log10(rms) + 60) / 54));
  }
}

/** Plays tones with soft edges and returns how long they take, in milliseconds. */
function ring(context: AudioContext, list: [number, number][]): number {
  let at = context.currentTime;
  const begin = at;
  for (const [hertz, ms] of list) {
    const end = at + ms / 1000;
    if (hertz > 0) {
      const gain = context.createGain();
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(0.18, at + 0.012);
      gain.gain.setValueAtTime(0.18, end - 0.02);
      gain.gain.linearRampToValueAtTime(0, end);
      const tone = new OscillatorNode(context, { frequency: hertz });
      tone.connect(gain).connect(context.destination);
      tone.start(at);
      tone.stop(end);
    }
    at = end;
  }
  return (at - begin) * 1000;
}

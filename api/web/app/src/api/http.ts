import { clock } from '../lib/clock';

/** One field that the server refused; path is as in the form, for example "settings.ratio". */
export interface FieldProblem {
  path: string;
  message: string;
}

/** A refused or failed request. status 0: the server could not be reached at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: FieldProblem[] = [],
  ) {
    super(message);
  }
}

interface ProblemBody {
  title?: string;
  detail?: string;
  code?: string;
  errors?: { message?: string; location?: string }[];
}

export function problemOf(status: number, body: ProblemBody | null): ApiError {
  const fields = (body?.errors ?? []).map((e) => ({
    path: (e.location ?? '').replace(/^body\.?/, '').replace(/\[(\d+)\]/g, '.$1'),
    message: e.message ?? '',
  }));
  return new ApiError(status, body?.code ?? '', body?.detail || body?.title || '', fields);
}

type Listener = () => void;
const signedOut = new Set<Listener>();

/** Calls f whenever the server says that the session is no longer valid. */
export function onSignedOut(f: Listener): () => void {
  signedOut.add(f);
  return () => signedOut.delete(f);
}

let asking = false;

/**
 * Asks whether the session still holds, where the answer of a refused WebSocket cannot be read. Without a network nothing answers, for
 * minutes: such requests must not hold all the connections that a browser has for a server, since nothing else gets through then.
 */
export async function checkSession(): Promise<void> {
  if (asking) return;
  asking = true;
  try {
    await request('GET', '/me', undefined, AbortSignal.timeout(4000));
  } catch (e) {
    if (e instanceof ApiError && e.status === 401) signedOut.forEach((f) => f());
  } finally {
    asking = false;
  }
}

async function bodyOf(res: Response): Promise<unknown> {
  const text = await res.text();
  if (!text) return null;
  if (!/json/.test(res.headers.get('Content-Type') ?? '')) return null;
  return JSON.parse(text);
}

export async function request<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let res: Response;
  try {
    res = await fetch('/api' + path, {
      method,
      credentials: 'same-origin',
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
  } catch {
    throw new ApiError(0, 'unreachable', '');
  }
  clock.observeHeader(res.headers.get('Date'));
  const data = await bodyOf(res).catch(() => null);
  if (res.ok) return data as T;
  if (res.status === 401 && path !== '/login' && path !== '/me') signedOut.forEach((f) => f());
  // A proxy in front of a stopped server answers for it: the same to the reader as no answer.
  if (data === null && [502, 503, 504].includes(res.status)) throw new ApiError(0, 'unreachable', '');
  throw problemOf(res.status, data as ProblemBody | null);
}

export const get = <T>(path: string) => request<T>('GET', path);
export const post = <T>(path: string, body?: unknown) => request<T>('POST', path, body ?? {});
export const put = <T>(path: string, body: unknown) => request<T>('PUT', path, body);
export const del = <T>(path: string) => request<T>('DELETE', path);

/**
 * Asks for a file that the server makes while it sends it, telling how many bytes are there. A file that breaks off is an error,
 * never half a file.
 */
export async function fetchFile(path: string, body: unknown, onProgress: (bytes: number) => void, stop: AbortSignal): Promise<{ name: string; content: Blob }> {
  try {
    const res = await fetch('/api' + path, { method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal: stop });
    if (!res.ok) throw problemOf(res.status, (await bodyOf(res).catch(() => null)) as ProblemBody | null);
    const type = res.headers.get('Content-Type') ?? '';
    const parts: BlobPart[] = [];
    let bytes = 0;
    const reader = res.body!.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      parts.push(next.value);
      onProgress(bytes += next.value.length);
    }
    return { name: /filename="([^"]+)"/.exec(res.headers.get('Content-Disposition') ?? '')?.[1] ?? 'file', content: new Blob(parts, { type }) };
  } catch (e) {
    if (e instanceof ApiError) throw e;
    throw new ApiError(0, stop.aborted ? 'stopped' : 'cut_short', '');
  }
}

/** Query string of the values that are set. */
export function query(params: Record<string, string | number | undefined>): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(params)) if (v !== undefined && v !== '') q.set(k, String(v));
  const s = q.toString();
  return s ? '?' + s : '';
}

/** Uploads one file, reporting the sent share (0 to 1): fetch cannot tell that, XMLHttpRequest can. The answer is text. */
export function uploadForText(path: string, file: File, onProgress: (share: number) => void, stop?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const form = new FormData();
    form.set('file', file);
    xhr.upload.onprogress = (e) => e.lengthComputable && onProgress(e.loaded / e.total);
    xhr.onerror = () => reject(new ApiError(0, 'unreachable', ''));
    xhr.onabort = () => reject(new ApiError(0, 'stopped', ''));
    stop?.addEventListener('abort', () => xhr.abort());
    xhr.onload = () => {
      if (xhr.status >= 200 && xhr.status < 300) resolve(xhr.responseText);
      else reject(problemOf(xhr.status, jsonOf(xhr.responseText) as ProblemBody | null));
    };
    xhr.open('POST', '/api' + path);
    xhr.send(form);
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // not JSON: the status alone speaks
  }
}

export const upload = async <T>(path: string, file: File, onProgress: (share: number) => void, stop?: AbortSignal): Promise<T> =>
  jsonOf(await uploadForText(path, file, onProgress, stop)) as T;

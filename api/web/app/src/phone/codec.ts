/** How the voice travels: G.711, which the telephone network speaks as it is, or Opus, which bears lost packets better. */
export type Codec = 'ulaw' | 'opus';

const names: Record<Codec, string> = { ulaw: 'pcmu', opus: 'opus' };

/** Puts a codec before all others of an offer's audio, so that the answer does the same; an offer without it stays as it is. */
export function prefer(sdp: string, codec: Codec): string {
  const wanted = new Set([...sdp.matchAll(/^a=rtpmap:(\d+) ([^/\s]+)\//gm)].filter(([, , name]) => name!.toLowerCase() === names[codec]).map(([, id]) => id!));
  // Of the codecs with numbers of their own (RFC 3551) one need not say what they are.
  if (codec === 'ulaw') wanted.add('0');
  return sdp.replace(/^(m=audio \d+ \S+ )([\d ]+)/gm, (_, head: string, list: string) => {
    const all = list.trim().split(' ');
    return head + [...all.filter((id) => wanted.has(id)), ...all.filter((id) => !wanted.has(id))].join(' ');
  });
}

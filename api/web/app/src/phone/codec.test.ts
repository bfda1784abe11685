import { describe, expect, it } from 'vitest';
import { prefer } from './codec';

const offer = ['v=0', 'm=audio 15000 UDP/TLS/RTP/SAVPF 0 8 107 101', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:107 opus/48000/2', 'a=fmtp:107 useinbandfec=1',
  'a=rtpmap:101 telephone-event/8000', ''].join('\r\n');
const audio = (sdp: string) => /^m=audio.*$/m.exec(sdp)?.[0].trim();

describe('the codec of a call', () => {
  it('comes first in the answer, and nothing is lost', () => {
    expect(audio(prefer(offer, 'opus'))).toBe('m=audio 15000 UDP/TLS/RTP/SAVPF 107 0 8 101');
    expect(prefer(offer, 'opus').split('\r\n').slice(2)).toEqual(offer.split('\r\n').slice(2));
    expect(prefer(prefer(offer, 'opus'), 'ulaw')).toBe(offer.replace('0 8 107 101', '0 107 8 101'));
  });

  it('is that of the offer when the switch does not have it', () => {
    const plain = offer.replace(' 107', '').replace(/a=(rtpmap|fmtp):107.*\r\n/g, '');
    expect(prefer(plain, 'opus')).toBe(plain);
    expect(prefer('m=audio 9 RTP/AVP 8 0', 'ulaw')).toBe('m=audio 9 RTP/AVP 0 8');
    expect(prefer('', 'opus')).toBe('');
  });
});

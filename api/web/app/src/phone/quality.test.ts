import { describe, expect, it } from 'vitest';
import { judge, read, type Sample } from './quality';

const sample = (over: Partial<Sample> = {}): Sample => ({ received: 0, lost: 0, jitterMs: 2, rttMs: 20, outLost: 0, codec: 'opus', ...over });

describe('quality of a call', () => {
  it('reads a browser\'s statistics', () => {
    const report = [
      { type: 'inbound-rtp', kind: 'audio', packetsReceived: 500, packetsLost: 3, jitter: 0.012, codecId: 'in' },
      { type: 'outbound-rtp', kind: 'audio', codecId: 'out' },
      { type: 'remote-inbound-rtp', kind: 'audio', fractionLost: 0.02, roundTripTime: 0.08 },
      { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.5 },
      { type: 'codec', id: 'out', mimeType: 'audio/opus' },
    ];
    expect(read(report)).toEqual({ received: 500, lost: 3, jitterMs: 12, rttMs: 80, outLost: 0.02, codec: 'opus' });
  });

  it('makes do with an empty report', () => {
    expect(read([])).toEqual({ received: 0, lost: 0, jitterMs: null, rttMs: null, outLost: null, codec: '' });
    expect(judge([]).word).toBe('unknown');
  });

  it('counts the loss of the last ten seconds only, and the worse way', () => {
    const long = [sample({ received: 100, lost: 90 }), ...[1, 2, 3, 4, 5, 6].map((n) => sample({ received: 100 + 100 * n, lost: 90 }))];
    expect(judge(long)).toMatchObject({ loss: 0, word: 'good' });
    expect(judge([sample(), sample({ received: 98, lost: 2, outLost: 0 })])).toMatchObject({ loss: 2, word: 'fair' });
    expect(judge([sample(), sample({ received: 100, outLost: 0.06 })])).toMatchObject({ loss: 6, word: 'poor' });
  });

  it('says nothing of a loss among a handful of packets', () => {
    expect(judge([sample({ outLost: null }), sample({ received: 3, lost: 3, outLost: null })]).loss).toBeNull();
  });

  it('heeds delay and jitter', () => {
    expect(judge([sample({ rttMs: 350 })]).word).toBe('fair');
    expect(judge([sample({ rttMs: 700 })]).word).toBe('poor');
    expect(judge([sample({ jitterMs: 40 })]).word).toBe('fair');
  });

  it('survives counters that start again', () => {
    expect(judge([sample({ received: 500, lost: 9 }), sample({ received: 10, lost: 0, outLost: null })]).loss).toBeNull();
  });
});

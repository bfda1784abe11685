import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Card } from '../../api/quality';
import { answered, givenOf, newQuestionID, scoreOf, sheetOf, toneOf, type Given } from './score';

interface Case { name: string; points: Record<string, number | null>; score: number; fatal: boolean; lost: number[] }
const { card, cases } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../../../recording/quality/testdata/scores.json'), 'utf8')) as { card: Card; cases: Case[] };

describe('a score while it is filled in', () => {
  it('is the one that the server computes', () => {
    expect(cases.length).toBeGreaterThan(8);
    for (const c of cases) {
      const given: Given = Object.fromEntries(Object.entries(c.points).map(([q, points]) => [q, { points }]));
      const r = scoreOf(card, given)!;
      expect([r.score, r.fatal], c.name).toEqual([c.score, c.fatal]);
      r.lines.forEach((l, i) => expect(l.lost, `${c.name} ${l.question}`).toBeCloseTo(c.lost[i]!, 3));
    }
  });
  it('is of what is answered so far', () => {
    expect(scoreOf(card, {})).toBeNull();
    expect(scoreOf(card, { needs: { points: 5 } })!.score).toBe(100);
    expect(answered(card, { needs: { points: null }, name: { comment: 'x' } })).toBe(1);
  });
  it('goes to the server and comes back', () => {
    const given: Given = { name: { points: 1 }, rude: { points: 0 }, needs: { points: null, comment: ' none ', at: [1.5] }, price: { points: 2, comment: ' ' }, consent: { points: 1, at: [] } };
    const sheet = sheetOf(card, given, ' ');
    expect(sheet.answers[2]).toEqual({ question: 'needs', points: null, comment: 'none', at: [1.5] });
    expect(sheet.answers[3]).toEqual({ question: 'price', points: 2 });
    expect(sheet.comment).toBeUndefined();
    expect(scoreOf(card, givenOf(sheet))).toEqual(scoreOf(card, given));
  });
  it('has names for new questions', () => {
    expect(newQuestionID(card)).toBe('q6');
    expect([100, 85, 84.9, 59].map(toneOf)).toEqual(['good', 'good', 'warn', 'bad']);
  });
});

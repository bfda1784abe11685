// The rules of a score as the server has them, for the number that is shown while a card is filled in. What counts is the server's; both
// are held against the same cases (recording/quality/testdata/scores.json).
import type { Answer, Card, Question, Result, Sheet } from '../../api/quality';

export const questionsOf = (c: Card): Question[] => c.sections.flatMap((s) => s.questions);
export const mostOf = (q: Question): number => (q.kind === 'yesno' ? 1 : (q.best ?? 1));

function shareOf(q: Question, points: number): number {
  const got = points / mostOf(q);
  return q.kind === 'yesno' && q.want === 'no' ? 1 - got : got;
}

/** Answers under way: a question that is missing is not answered yet. */
export type Given = Record<string, { points?: number | null; comment?: string; at?: number[] }>;

export const answered = (c: Card, g: Given): number => questionsOf(c).filter((q) => g[q.id]?.points !== undefined).length;

/** The score so far, of what is answered; null: nothing that counts is. */
export function scoreOf(c: Card, g: Given): Result | null {
  const lines = questionsOf(c).map((q) => {
    const points = g[q.id]?.points;
    const na = points === null || points === undefined;
    const share = na ? 0 : shareOf(q, points);
    return { q, line: { question: q.id, na, share, lost: 0, fatal: !na && !!q.fatal && share === 0 } };
  });
  const all = lines.reduce((n, { q, line }) => n + (line.na ? 0 : q.weight), 0);
  const fatal = lines.filter(({ line }) => line.fatal).length;
  if (all === 0 && fatal === 0) return null;
  let raw = all > 0 ? (lines.reduce((n, { q, line }) => n + (line.na ? 0 : q.weight * line.share), 0) / all) * 100 : 0;
  for (const { q, line } of lines) if (!line.na && all > 0) line.lost = ((q.weight * (1 - line.share)) / all) * 100;
  if (fatal > 0) {
    const rest = all > 0 ? raw : 100;
    for (const { line } of lines) if (line.fatal) line.lost += rest / fatal;
    raw = 0;
  }
  return { score: Math.round(raw * 100) / 100, fatal: fatal > 0, lines: lines.map(({ line }) => line) };
}

export const givenOf = (s: Sheet): Given => Object.fromEntries(s.answers.map((a) => [a.question, { points: a.points, comment: a.comment, at: a.at }]));

/** The sheet of a card that is filled in whole. */
export function sheetOf(c: Card, g: Given, comment: string): Sheet {
  const answers = questionsOf(c).map((q): Answer => {
    const { points, comment: words, at } = g[q.id] ?? {};
    return { question: q.id, points: points ?? null, ...(words?.trim() ? { comment: words.trim() } : {}), ...(at?.length ? { at } : {}) };
  });
  return { answers, ...(comment.trim() ? { comment: comment.trim() } : {}) };
}

/** From where on a score is good, middling or bad: colours only, the number stands beside it. */
export const toneOf = (score: number): string => (score >= 85 ? 'good' : score >= 60 ? 'warn' : 'bad');

/** An id for a new question that no other one has. */
export function newQuestionID(c: Card): string {
  const taken = new Set(questionsOf(c).map((q) => q.id));
  for (let i = taken.size + 1; ; i++) if (!taken.has(`q${i}`)) return `q${i}`;
}

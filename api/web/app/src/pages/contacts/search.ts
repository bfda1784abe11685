/** What is wrong with a question before anybody is asked: a number needs three digits. */
export function tooShort(q: string): boolean {
  const text = q.trim();
  if (text === '' || !/^[\d\s()+./-]+$/.test(text)) return false;
  return text.replace(/\D/g, '').length < 3;
}

/** The link to go to from where the focus is: one row on or back, staying inside. */
export function nextRow(count: number, at: number, key: string): number {
  if (count === 0) return -1;
  if (key === 'ArrowDown') return Math.min(count - 1, at + 1);
  if (key === 'ArrowUp') return at - 1; // -1: back into the field
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : at;
}

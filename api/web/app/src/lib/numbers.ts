// Numbers that people type or paste: in international form once what only divides them is gone.
export const E164 = /^\+[1-9][0-9]{5,14}$/;

/** What stands between numbers. */
export const BETWEEN = [',', ';', '，', '；', '、', '\n'];

/** One number each, and each once. What stands around and between digits goes; the rest stays as typed, for the check to find. */
export function tidyNumbers(all: string[]): string[] {
  return [...new Set(all.flatMap((n) => n.split(/[,;，；、\n]/)).map((n) => n.replace(/[\s().\-–]/g, '')))].filter((n) => n !== '');
}

/** The first that is no number, if there is one. */
export const wrongNumber = (all: string[]): string | undefined => all.find((n) => !E164.test(n));

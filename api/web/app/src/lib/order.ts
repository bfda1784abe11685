// Comparisons for sorting. localeCompare makes a collator for each call, which is most of the time of sorting hundreds of names.
const collator = new Intl.Collator();

export const byText = collator.compare;

/** Compares times as the server writes them: RFC 3339 in UTC. */
export const byTime = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

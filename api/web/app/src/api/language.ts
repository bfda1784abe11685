import { load, save } from '../lib/storage';
import { put } from './http';
import type { Language } from './types';

// What somebody chose and his account does not have yet. It outlives a page that goes before the server has answered, and holds
// against what the account still says.
const KEY = 'dialtide.language.unsaved';

export function unsavedLanguage(user: string): Language | null {
  const u = load<{ user: string; language: Language }>(KEY);
  return u?.user === user ? u.language : null;
}

/** Keeps a choice of language in the account, now or when the desktop is opened again. */
export function keepLanguage(user: string, language: Language): void {
  save(KEY, { user, language });
  void send(user);
}

let sending = false;

// One at a time: two on their way at once may arrive in either order, and the account would have the one before.
async function send(user: string): Promise<void> {
  if (sending) return;
  sending = true;
  try {
    for (let language = unsavedLanguage(user); language; language = unsavedLanguage(user)) {
      await put('/me', { language });
      if (unsavedLanguage(user) === language) save(KEY, null);
    }
  } catch {
    // The next page sends it.
  } finally {
    sending = false;
  }
}

/** Sends what a page before this one could not; account is the language that the account has. */
export function resumeLanguage(user: string, account: Language): void {
  const mine = unsavedLanguage(user);
  if (mine === account) save(KEY, null);
  else if (mine) keepLanguage(user, mine);
}

import { createContext, useContext } from 'react';
import type { User } from '../api/types';

export const SessionContext = createContext<User | null>(null);

/** The signed-in user; only below the sign-in gate. */
export function useUser(): User {
  const user = useContext(SessionContext);
  if (!user) throw new Error('no user is signed in');
  return user;
}

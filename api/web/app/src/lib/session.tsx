import { createContext, useContext } from 'react';
import type { User } from '../api/types';

export const SessionContext = createContext<User | null>(null);

/** What a role may do beyond looking at pages; the server decides, this only spares people buttons that would fail. */
export function may(user: User, act: 'manage' | 'play' | 'listen' | 'staff'): boolean {
  if (user.role === 'admin') return true;
  return act === 'manage' ? user.role === 'list_manager' : user.role === 'supervisor';
}

/** The signed-in user; only below the sign-in gate. */
export function useUser(): User {
  const user = useContext(SessionContext);
  if (!user) throw new Error('no user is signed in');
  return user;
}

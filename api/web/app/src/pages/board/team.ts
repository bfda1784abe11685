// Which agents a supervisor looks at: all, or those of one team. Others stay reachable; what waits among them is counted beside.
import { createContext, useContext, useMemo } from 'react';
import { useTeams } from '../campaigns/api';

type Members = ReadonlySet<string> | null;

const Context = createContext<Members>(null);
export const TeamContext = Context.Provider;

/** The agents of the team that is looked at; null: all. */
export const useMembers = (): Members => useContext(Context);

/** Members of a team by its id. A team that is gone, or not known yet, is all. */
export function useMembersOf(team: string | null): Members {
  const found = useTeams().data?.find((t) => t.id === team);
  const text = found ? JSON.stringify(found.members ?? []) : '';
  return useMemo(() => (text ? new Set(JSON.parse(text) as string[]) : null), [text]);
}

export const within = (members: Members, agent: string): boolean => members === null || members.has(agent);

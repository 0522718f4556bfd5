import type { Session } from '../../auth/index.ts';

/** Who may use a route: anybody who is signed in, the operators, or those listed by name or id. */
export type RouteAccess = 'players' | 'operators' | readonly string[];

/**
 * @param operators names or ids of the accounts that count as operators
 */
export function mayUse(
  access: RouteAccess,
  { name, player }: Pick<Session, 'name' | 'player'>,
  operators: ReadonlySet<string>,
): boolean {
  if (access === 'players') return true;
  const listed = access === 'operators' ? operators : new Set(access);
  // Names are compared in their canonical form, which is how a session has them.
  return listed.has(name) || listed.has(player);
}

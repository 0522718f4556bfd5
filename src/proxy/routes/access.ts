import type { Session } from '../../auth/index.ts';

/**
 * Who may use a route: players with an account; guests, too; the operators; or those listed by name or id. A guest is whoever
 * asked for a name a moment ago, so that letting guests in is letting anybody in: it has a word of its own.
 */
export type RouteAccess = 'players' | 'players-and-guests' | 'operators' | readonly string[];

/**
 * @param operators names or ids of the accounts that count as operators
 */
export function mayUse(
  access: RouteAccess,
  { name, player, guest }: Pick<Session, 'name' | 'player' | 'guest'>,
  operators: ReadonlySet<string>,
): boolean {
  if (access === 'players-and-guests') return true;
  if (access === 'players') return guest !== true;
  const listed = access === 'operators' ? operators : new Set(access);
  // Names are compared in their canonical form, which is how a session has them. A guest's name goes with the guest and may come to
  // another one, so only the id stands for a guest.
  return listed.has(player) || (guest !== true && listed.has(name));
}

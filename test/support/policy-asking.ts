import { SocketFilter } from '../../src/proxy/policy/filters/filters.ts';
import { Caller } from '../../src/proxy/policy/limits/caller.ts';
import type { Policy } from '../../src/proxy/policy/policy.ts';
import type { Asking } from '../../src/proxy/policy/rules.ts';

let callers = 0;

/** A caller that has signed in, each from an address of its own unless told otherwise. */
export function signedInCaller(
  policy: Policy,
  {
    player = 'p_ada',
    session = `s_${player}`,
    address,
  }: { player?: string; session?: string; address?: string } = {},
): Caller {
  callers += 1;
  const caller = policy.connect(address ?? `198.51.${callers >> 8}.${callers & 255}`);
  if (!(caller instanceof Caller)) throw new Error(caller.rule);
  const refusal = policy.signIn(caller, { player, session } as never);
  if (refusal !== undefined) throw new Error(refusal.code);
  return caller;
}

/** A socket that asks for nothing else and follows no match. */
export function asking(policy: Policy, differences: Partial<Asking> = {}): Asking {
  const caller = differences.caller ?? signedInCaller(policy);
  return {
    caller,
    filter: new SocketFilter({ address: caller.address, route: 'game', origin: 'none' }),
    unanswered: 0,
    follows: 0,
    isFollowing: () => false,
    turnPass: () => undefined,
    ...differences,
  };
}

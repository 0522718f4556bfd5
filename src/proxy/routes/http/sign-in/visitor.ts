import type { Session } from '../../../../auth/index.ts';
import type { Pseudonym } from '../../../../protocol/ids.ts';

/** Who asks at a route: a player with a session that lives, and what the route's upstreams know them by. */
export interface Visitor extends Session {
  readonly pseudonym: Pseudonym;
  /** A browser sends a cookie by itself, whichever page wants it; a token is sent by who has it. */
  readonly by: 'cookie' | 'token';
}

import type { Session } from '../../../auth/index.ts';

/** One `http` route as its parts see it: what the settings say, with every limit filled in. */
export interface HttpRoute {
  readonly name: string;
  readonly place: RoutePlace;
  /** What the upstream has in place of the route's path: begins and ends with `/`. */
  readonly upstreamPath: string;
  /** The `Host` that the upstream is sent; its own address when left out. */
  readonly hostField?: string;
  /** The host that the upstream is told that clients use; a client never chooses it. */
  readonly publicHost?: string;
  readonly signIn: 'required' | 'public';
  /** Who of those that are signed in may come. */
  readonly allows: (visitor: Pick<Session, 'name' | 'player' | 'guest'>) => boolean;
  /** Whether the assertion says the display name. */
  readonly tellsName: boolean;
  /** Request fields passed on beside those that every upstream gets; lower case. */
  readonly requestFields: ReadonlySet<string>;
  /** Origins whose pages may open WebSockets here and change things, beside the route's own. */
  readonly origins: ReadonlySet<string>;
  readonly limits: HttpRouteLimits;
}

/** By path: below one of the proxy's own pages, at its origin. By host: an origin of its own. */
export type RoutePlace =
  | { readonly kind: 'path'; readonly path: string }
  | {
      readonly kind: 'host';
      readonly host: string;
      /** The origin of the page where players sign in. */
      readonly entrance: string;
    };

/** Bytes, milliseconds and counts; all finite. */
export interface HttpRouteLimits {
  readonly requestBodyBytes: number;
  readonly responseBodyBytes: number;
  /** To connect; to the head of the answer; without a byte of the answer; for all of a request. */
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
  /** Requests under way at once. */
  readonly requests: number;
  /** Of one player; of one address where nobody signs in. */
  readonly requestsPerPlayer: number;
  readonly webSockets: number;
  readonly webSocketsPerPlayer: number;
  /** Without a byte in either direction, and in all. */
  readonly webSocketIdleMs: number;
  readonly webSocketTotalMs: number;
}

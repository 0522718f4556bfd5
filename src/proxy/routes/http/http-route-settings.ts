import type { RouteAccess } from '../access.ts';
import type { RouteSettings } from '../route-settings.ts';
import type { HttpRouteLimits, RoutePlace } from './http-route.ts';

/** What the settings say of an `http` route. */
export interface HttpRouteSettings extends RouteSettings {
  readonly place: RoutePlace;
  readonly upstreamPath: string;
  readonly hostField?: string | undefined;
  readonly publicHost?: string | undefined;
  /** Its upstreams speak TLS. */
  readonly tls?: { readonly ca?: string | undefined } | undefined;
  readonly signIn: 'required' | 'public';
  readonly allow: RouteAccess;
  readonly tellsName: boolean;
  readonly requestFields: readonly string[];
  readonly origins: readonly string[];
  /** Names or ids of the accounts that count as operators, for `allow`. */
  readonly operators: ReadonlySet<string>;
  readonly limits: HttpRouteLimits;
  readonly cache?: HttpCacheSettings | undefined;
}

export interface HttpCacheSettings {
  readonly store: { readonly kind: 'memory' } | { readonly kind: 'sqlite'; readonly path: string };
  /** Of all answers, and of one body. */
  readonly bytes: number;
  readonly bodyBytes: number;
  readonly heuristicMostSeconds: number;
  readonly disconnectedMostSeconds: number;
}

import type { TunnelClosingCode } from '../../protocol/tunnel.ts';
import type { UpstreamPool } from '../balancing/upstream-pool.ts';
import { mayUse } from '../routes/access.ts';
import type { TcpRouteSettings } from '../routes/route-settings.ts';
import type { SignedIn } from '../session.ts';
import type { Address } from './connect-upstream.ts';

/** A tunnel as its route counts it. */
export interface RouteTunnel {
  readonly session: { readonly current: SignedIn | undefined };
  close(code: TunnelClosingCode): void;
}

/** One `tcp` route: who may use it, what is open on it, and how much has gone through. */
export class TcpRoute {
  readonly name: string;
  readonly pool: UpstreamPool<Address>;
  readonly tunnels = new Set<RouteTunnel>();
  /** Bytes since the process began, for the metrics: up is from players to upstreams. */
  readonly bytes = { up: 0, down: 0 };
  #settings: TcpRouteSettings;
  #operators: ReadonlySet<string>;
  #isOpen = true;

  constructor(parts: {
    readonly settings: TcpRouteSettings;
    readonly pool: UpstreamPool<Address>;
    /** Names or ids of the accounts that count as operators. */
    readonly operators: ReadonlySet<string>;
  }) {
    this.name = parts.settings.name;
    this.pool = parts.pool;
    this.#settings = parts.settings;
    this.#operators = parts.operators;
  }

  get limits(): TcpRouteSettings['limits'] {
    return this.#settings.limits;
  }

  mayUse(session: Pick<SignedIn, 'name' | 'player' | 'guest'>): boolean {
    return mayUse(this.#settings.allow, session, this.#operators);
  }

  /** Counts a tunnel that is signed in; or why it may not be. It counts until `tunnels.delete`. */
  admit(tunnel: RouteTunnel, session: SignedIn): TunnelClosingCode | undefined {
    if (!this.#isOpen || !this.mayUse(session)) return 'route_refused';
    let ofPlayer = 0;
    for (const other of this.tunnels) if (other.session.current?.player === session.player) ofPlayer += 1;
    if (ofPlayer >= this.limits.tunnelsPerPlayer) return 'player_full';
    if (this.tunnels.size >= this.limits.tunnels) return 'route_full';
    this.tunnels.add(tunnel);
    return undefined;
  }

  /** Other settings from now on. Who may no longer use the route leaves it. */
  apply(settings: TcpRouteSettings, operators: ReadonlySet<string>): void {
    this.#settings = settings;
    this.#operators = operators;
    this.#isOpen = true;
    for (const tunnel of [...this.tunnels]) {
      const session = tunnel.session.current;
      if (session !== undefined && !this.mayUse(session)) tunnel.close('route_refused');
    }
  }

  /** Lets nobody in from now on; the tunnels that there are go on to their own end. `apply` opens it again. */
  close(): void {
    this.#isOpen = false;
    this.pool.close();
  }
}

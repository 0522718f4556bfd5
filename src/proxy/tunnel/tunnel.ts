import type { ShownToken } from '../../auth/index.ts';
import { ByteRelay } from '../../process/byte-relay.ts';
import type { Logger } from '../../process/logger.ts';
import { systemTimers, type Timers } from '../../process/timers.ts';
import { type Refusal, refuse } from '../../protocol/refusals.ts';
import { allTunnelClosings, type TunnelClosingCode, tunnelLimits } from '../../protocol/tunnel.ts';
import type { LeavingSocket } from '../conversation/leave-and-close.ts';
import { notificationText, refusalText, resultText } from '../conversation/rpc-text.ts';
import type { Sockets } from '../conversation/sockets.ts';
import { type ClosingDetail, closingText } from '../fan-out.ts';
import { readMessage } from '../inbound.ts';
import { type Opening, shownIn } from '../listener/upgrade-request.ts';
import type { Facts } from '../policy/filters/filter-rule.ts';
import type { Filters } from '../policy/filters/filters.ts';
import type { Caller } from '../policy/limits/caller.ts';
import type { Policy } from '../policy/policy.ts';
import { realmOf } from '../routes/route-realm.ts';
import { type SignedIn, SocketSession, sessionInfo, type Verifier } from '../session.ts';
import { type Connected, connectUpstream } from './connect-upstream.ts';
import { LifeLimits } from './life-limits.ts';
import type { TcpRoute } from './tcp-route.ts';
import type { TunnelAccounts } from './tunnel-accounts.ts';
import type { TunnelMeter } from './tunnel-meter.ts';
import type { TunnelTransport } from './tunnel-transport.ts';

/** How a tunnel ended: in order, because one of its ends went away, or with a closing of the proxy's. */
export type TunnelEnd = 'done' | 'client_gone' | TunnelClosingCode;

/** What one tunnel was, for the log and the metrics. */
export interface TunnelUse {
  readonly route: string;
  readonly session: SignedIn | undefined;
  readonly upstream: string | undefined;
  readonly end: TunnelEnd;
  /** From the player to the upstream, and back. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Milliseconds from the upgrade to the end. */
  readonly ms: number;
}

export interface TunnelParts {
  readonly transport: TunnelTransport;
  readonly route: TcpRoute;
  readonly caller: Caller;
  /** What it came as, for filters. */
  readonly facts: Facts;
  readonly opening: Opening;
  readonly policy: Pick<Policy, 'signIn' | 'control'>;
  readonly sockets: Sockets<Tunnel>;
  readonly verifier: Verifier;
  readonly accounts: Pick<TunnelAccounts, 'begin' | 'end'>;
  readonly logger: Logger;
  readonly nextRequestId: () => string;
  readonly onEnd: (use: TunnelUse) => void;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly timers?: Timers;
}

/** Milliseconds for the peer to answer our close before the socket is cut. */
const closeMs = 1_000;

/**
 * One player's TCP connection to an upstream, through the proxy.
 *
 * ```
 *   signing in ──▶ admitted ──▶ connecting ──▶ open ──both directions ended──▶ over
 *       │             │             │           │
 *       └─ token_…    └─ route_…    └─ upstream_unavailable
 *                        player_full            └─ session over, idle, reset, …
 * ```
 *
 * Nothing is read from the player before `open`: what they send early waits in their machine, not here.
 */
export class Tunnel implements LeavingSocket {
  readonly session: SocketSession;
  readonly unanswered = 0;
  readonly #parts: TunnelParts;
  readonly #timers: Timers;
  readonly #startedAt: number;
  /** Unix milliseconds; before, nothing is read on purpose. */
  #openedAt = Number.POSITIVE_INFINITY;
  readonly #over = new AbortController();
  #limits: LifeLimits | undefined;
  #relay: ByteRelay | undefined;
  #connection: Extract<Connected, { kind: 'connected' }> | undefined;
  #meter: TunnelMeter | undefined;
  #isPeerGone = false;

  constructor(parts: TunnelParts) {
    this.#parts = parts;
    this.#timers = parts.timers ?? systemTimers;
    this.#startedAt = this.#timers.now();
    const { transport, verifier, route, now, logger } = parts;
    this.session = new SocketSession({
      verifier,
      realm: realmOf(route.name),
      now,
      socket: {
        close: (code, detail) => this.close(code, detail),
        expiring: (expiresAt) => transport.send(notificationText('session.expiring', { expiresAt })),
      },
      onFailure: (error) => logger.error({ err: error }, 'a token could not be checked'),
      deafAt: () => (transport.deafAt > this.#openedAt ? transport.deafAt : Number.NEGATIVE_INFINITY),
    });
    parts.sockets.add(this);
  }

  /** Signs in, asks whether the player may, connects, and lets the bytes through. */
  async open(shown: ShownToken): Promise<void> {
    const { transport, route, sockets, policy, caller } = this.#parts;
    transport.pause();
    const session = await this.session.open(shown);
    if (session === undefined) return;
    const refusal = policy.signIn(caller, session);
    if (refusal !== undefined) {
      this.close('overloaded', { reason: refusal.reason, retryAfterMs: 5_000 });
      return;
    }
    const refused = route.admit(this, session);
    if (refused !== undefined) {
      this.close(refused);
      return;
    }
    sockets.signedIn(this, session.session);
    // From here on an end of the session finds this tunnel; the question covers what came before.
    if (!(await this.session.confirm())) return;
    const connected = await connectUpstream(route.pool.search(session.player), {
      timeoutMs: route.limits.connectMs,
      signal: this.#over.signal,
    });
    if (connected.kind === 'none') this.#noneAvailable(connected);
    else if (connected.kind === 'connected') this.#connected(connected, session);
  }

  // ---- from the player

  text(text: string): void {
    if (this.#isOver) return;
    if (!this.control()) {
      if (!this.#isOver) this.#refuse(null, refuse('rate_limited'));
      return;
    }
    const reading = readMessage(text);
    if (reading.kind === 'request' && reading.request.method === 'session.refresh') {
      void this.#refresh(reading.request.id, shownIn(this.#parts.opening, reading.request.params));
      return;
    }
    const refusal = reading.kind === 'request' ? refuse('method_unknown') : reading.refusal;
    const id =
      reading.kind === 'violation' ? null : reading.kind === 'refusal' ? reading.id : reading.request.id;
    this.#refuse(id, refusal);
    if (reading.kind === 'violation') this.close('violation', { reason: refusal.reason });
  }

  /** A ping, or a pong that nobody asked for; text counts the same. False: leave it unanswered. Bytes are held up, not counted. */
  control(): boolean {
    if (this.#isOver) return false;
    const verdict = this.#parts.policy.control(this.#parts.caller);
    if (verdict === 'flood') this.close('flood');
    return verdict === 'admitted';
  }

  bytes(bytes: Uint8Array): void {
    if (this.#isOver || this.#relay === undefined) return;
    if (!this.#relay.receive(bytes)) this.close('tunnel_violation');
  }

  /** The WebSocket has gone: in order when both directions have ended, and then the upstream takes what is left. */
  gone(): void {
    this.#isPeerGone = true;
    const state = this.#relay?.state;
    if (state === 'done') this.#end('done');
    else if (state !== 'ending') this.#end('client_gone');
  }

  /** While the peer takes nothing it cannot answer a ping either; the idle limit stands in. */
  get isHeldUp(): boolean {
    return this.#parts.transport.bufferedAmount > 0;
  }

  /** Other filters count from now on, for what came before them, too. */
  judge(filters: Filters): void {
    const { deniedBy } = filters.decide(this.#parts.facts);
    if (deniedBy !== undefined) this.close('filtered', { rule: deniedBy });
  }

  // ---- the end

  /** Nothing is asked here that could be answered late. */
  leave(): void {}

  /** Says why, then closes; the upstream's connection is reset, so that its program does not take this for an end. */
  close(code: TunnelClosingCode, detail: ClosingDetail = {}): void {
    if (this.#isOver) return;
    const { transport } = this.#parts;
    transport.send(closingText(allTunnelClosings[code], detail));
    this.#closeTransport(allTunnelClosings[code].code, code);
    this.#end(code);
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  #connected(connection: Extract<Connected, { kind: 'connected' }>, session: SignedIn): void {
    const { transport, route } = this.#parts;
    if (this.#isOver) {
      connection.socket.destroy();
      connection.lease.end();
      return;
    }
    this.#connection = connection;
    this.#meter = this.#parts.accounts.begin({ player: session.player, route: route.name });
    this.#limits = new LifeLimits({
      limits: () => route.limits,
      timers: this.#timers,
      onOver: (why) => this.close(why),
    });
    // The answer to a `session.open` that was sent with the upgrade: from now on bytes go through.
    transport.send(resultText(0, JSON.stringify(sessionInfo(this.session.current ?? session))));
    this.#relay = new ByteRelay({
      socket: connection.socket,
      peer: transport,
      ...tunnelLimits,
      onMoved: (direction, bytes) => this.#moved(direction, bytes),
      onEnd: (how) => {
        if (how === 'broken') this.close('upstream_lost');
        else if (this.#isPeerGone) this.#end('done');
        // Else the player's side closes, when it has taken everything.
      },
    });
    transport.resume();
    this.#openedAt = this.#parts.now();
  }

  #moved(direction: 'in' | 'out', bytes: number): void {
    const { route } = this.#parts;
    this.#limits?.moved();
    if (this.#meter === undefined) return;
    if (direction === 'in') {
      this.#meter.bytesUp += bytes;
      route.bytes.up += bytes;
    } else {
      this.#meter.bytesDown += bytes;
      route.bytes.down += bytes;
    }
  }

  #noneAvailable({ because, retryAfterMs, tookMs, failures }: Extract<Connected, { kind: 'none' }>): void {
    const { route, logger } = this.#parts;
    const took = Math.round(tookMs);
    logger.warn({ route: route.name, because, failures, tookMs: took }, 'no upstream is available');
    this.close('upstream_unavailable', { retryAfterMs });
  }

  async #refresh(id: string | number, shown: ShownToken): Promise<void> {
    const outcome = await this.session.refresh(shown);
    if (this.#isOver) return;
    if ('code' in outcome) this.#refuse(id, outcome);
    else this.#parts.transport.send(resultText(id, JSON.stringify(sessionInfo(outcome))));
  }

  #refuse(id: string | number | null, refusal: Refusal): void {
    const { transport, nextRequestId } = this.#parts;
    transport.send(refusalText(id, refusal, nextRequestId()));
  }

  #closeTransport(code: number, reason: string): void {
    const { transport } = this.#parts;
    // A socket that is not read would never hear the peer's close.
    transport.resume();
    transport.close(code, reason);
    setTimeout(() => transport.terminate(), closeMs).unref();
  }

  #end(end: TunnelEnd): void {
    if (this.#isOver) return;
    const { sockets, route, onEnd, accounts } = this.#parts;
    this.#over.abort();
    sockets.delete(this);
    route.tunnels.delete(this);
    this.session.stop();
    this.#limits?.stop();
    if (end !== 'done') this.#relay?.reset();
    this.#connection?.lease.end();
    if (this.#meter !== undefined) accounts.end(this.#meter);
    onEnd({
      route: route.name,
      session: this.session.current,
      upstream: this.#connection?.lease.upstream.id,
      end,
      bytesUp: this.#meter?.bytesUp ?? 0,
      bytesDown: this.#meter?.bytesDown ?? 0,
      ms: this.#timers.now() - this.#startedAt,
    });
  }
}

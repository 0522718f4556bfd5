/** What the stages after routing know of all backends of a route together; `LinkedBackends` is the real one. */
import type { MatchId } from '../../protocol/ids.ts';
import type { OwnershipKey } from '../../protocol/ownership.ts';
import type { Refusal } from '../../protocol/refusals.ts';
import type { Asker, Channel, ChannelOwner, Link, LinkRequest, StreamOwner, Subscription } from './link.ts';

/** Whom a request concerns: the owner of a key, any backend, or each of them (the first answer counts). */
export type About = OwnershipKey | 'anyone' | 'everyone';

export interface BackendsRequest extends Omit<LinkRequest, 'asker'> {
  readonly about: About;
  readonly asker: Asker;
}

/**
 * Every request reaches the backend that owns what it is about, and every stream comes from there, whatever moves in
 * between. `state` is `up` while any backend is.
 */
export interface Backends
  extends Pick<Link, 'state' | 'games' | 'congested' | 'whenDrained' | 'closeChannel' | 'unsubscribe'> {
  /** Whether the backend of this match is connected now. */
  reaches(match: MatchId): boolean;
  /** Told after any backend came or went away. */
  observe(observer: { changed(): void }): void;
  openChannel(owner: ChannelOwner): Channel | undefined;
  request(request: BackendsRequest): Refusal | undefined;
  subscribe(owner: StreamOwner): Subscription | undefined;
}

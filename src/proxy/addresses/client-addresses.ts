import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { AddressRanges } from '../../process/addresses/address-ranges.ts';
import { canonicalAddress } from '../../process/addresses/canonical-address.ts';
import { type ForwardedField, forwardedHops } from './forwarded-hops.ts';

/** Who may say that a connection or a request is somebody else's. The default: nobody. */
export interface AddressTrust {
  /** Addresses and ranges of the proxies and load balancers in front. */
  readonly trustedProxies?: readonly string[];
  /** The field of a request that they tell the client in. */
  readonly forwardedField?: ForwardedField | 'none';
  /** Whether every connection begins with a PROXY header, and comes from one of them. */
  readonly proxyProtocol?: 'off' | 'required';
}

/** A connection whose address is not known any more, or never was: counted as one client. */
const unknown = 'unknown';

/**
 * Says where a connection and a request come from, for everything that counts or logs addresses: nothing else here asks a socket
 * for its peer.
 *
 * ```
 *   TCP peer ──▶ PROXY header (if it was required and its sender is trusted) ──▶ the connection's client
 *            ──▶ while that one is trusted: the next hop of the forwarded field, from the right ──▶ the request's client
 * ```
 *
 * A hop is believed only because a trusted one wrote it, so what a stranger sends is never read.
 */
export class ClientAddresses {
  #trusted = new AddressRanges();
  #field: ForwardedField | 'none' = 'none';
  #proxyProtocol: 'off' | 'required' = 'off';
  readonly #ofSockets = new WeakMap<object, string>();
  readonly #ofRequests = new WeakMap<IncomingMessage, string | undefined>();

  /** @throws RangeError for a range that is none. */
  constructor(trust: AddressTrust = {}) {
    this.trust(trust);
  }

  /** Believes these from now on. What is known of open connections stays. @throws RangeError for a range that is none. */
  trust({ trustedProxies, forwardedField = 'none', proxyProtocol = 'off' }: AddressTrust): void {
    this.#trusted = new AddressRanges(trustedProxies);
    this.#field = forwardedField;
    this.#proxyProtocol = proxyProtocol;
  }

  /** Whether a new connection must begin with a PROXY header. */
  get requireProxyHeader(): boolean {
    return this.#proxyProtocol === 'required';
  }

  /** Whether this address may speak for others. */
  trusts(address: string): boolean {
    return address !== unknown && this.#trusted.has(address);
  }

  /** Notes whose connection this is: the peer's, or the one that the PROXY header named. */
  learn(socket: Duplex, client: string): void {
    this.#ofSockets.set(socket, client);
  }

  ofConnection(socket: Duplex): string {
    return this.#ofSockets.get(socket) ?? unknown;
  }

  /** `undefined` when a trusted proxy sent a field that cannot be read: then the request is refused, for its client is not known. */
  ofRequest(request: IncomingMessage): string | undefined {
    if (!this.#ofRequests.has(request)) this.#ofRequests.set(request, this.#follow(request));
    return this.#ofRequests.get(request);
  }

  #follow(request: IncomingMessage): string | undefined {
    let client = this.ofConnection(request.socket);
    if (this.#field === 'none' || !this.trusts(client)) return client;
    const value = request.headers[this.#field];
    if (value === undefined) return client;
    const hops = forwardedHops(this.#field, String(value));
    if (hops === undefined) return undefined;
    while (hops.length > 0 && this.trusts(client)) {
      const hop = hops.pop();
      if (hop === undefined) break;
      client = hop;
    }
    return client;
  }
}

/** The address of a TCP peer; `undefined` when it has gone already. */
export function peerAddress({ remoteAddress }: { remoteAddress?: string | undefined }): string | undefined {
  return remoteAddress === undefined ? undefined : canonicalAddress(remoteAddress);
}

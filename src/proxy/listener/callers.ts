import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Refusal, refuse } from '../../protocol/refusals.ts';
import type { ClientAddresses } from '../addresses/client-addresses.ts';
import { Caller } from '../policy/limits/caller.ts';

export interface CallersOptions {
  readonly addresses: ClientAddresses;
  /** The policy's word on one more connection from an address. */
  readonly connect: (address: string) => Caller | Refusal;
}

/** `trusted`: a proxy in front, whose connections carry the requests of many. Nobody counts those; each request is counted. */
type Arrived = Caller | 'trusted';

/** Knows the caller of each connection and each request, from the first byte to the end. */
export class Callers {
  readonly #addresses: ClientAddresses;
  readonly #connect: CallersOptions['connect'];
  readonly #ofSockets = new WeakMap<Duplex, Arrived>();
  readonly #ofRequests = new WeakMap<IncomingMessage, Caller>();

  constructor({ addresses, connect }: CallersOptions) {
    this.#addresses = addresses;
    this.#connect = connect;
  }

  /** A TCP connection of this client. Whoever takes it ends the caller with the connection. */
  arrive(client: string): Arrived | Refusal {
    return this.#addresses.trusts(client) ? 'trusted' : this.#connect(client);
  }

  /** The connection has become this TLS socket. */
  learn(socket: Duplex, arrived: Arrived): void {
    this.#ofSockets.set(socket, arrived);
  }

  /** Of a request whose address is known. It ends with the connection; behind a trusted proxy with the request. */
  ofRequest(request: IncomingMessage): Caller | Refusal {
    const { socket } = request;
    const arrived = this.#ofSockets.get(socket);
    if (arrived !== undefined && arrived !== 'trusted') return arrived;
    const known = this.#ofRequests.get(request);
    if (known !== undefined) return known;
    const client = this.#addresses.ofRequest(request);
    // Who has hung up gets no answer, so it does not matter which one.
    const caller = client === undefined || socket.destroyed ? refuse('rate_limited') : this.#connect(client);
    if (!(caller instanceof Caller)) return caller;
    this.#ofRequests.set(request, caller);
    const end = () => caller.end();
    // An upgrade does not end as a request does: its socket is all that it has.
    if (request.headers.upgrade === undefined) request.once('close', end);
    socket.once('close', end);
    return caller;
  }
}

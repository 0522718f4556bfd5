/** Keeps every byte that a proxy sends to its backend, before encryption: what a backend could know. */
import type { Duplex } from 'node:stream';
import { FrameReader, frameTypes } from '../../src/protocol/frame.ts';
import type { Dial } from '../../src/proxy/link/dial-backend.ts';

export class LinkTap {
  readonly #sent: Buffer[] = [];
  readonly #received: Buffer[] = [];

  /** Wraps a dial; the connections it makes are listened in on. */
  readonly on = (real: Dial): Dial => {
    return async () => {
      const socket: Duplex = await real();
      const write = socket.write.bind(socket);
      socket.write = ((chunk: Uint8Array, ...rest: []) => {
        this.#sent.push(Buffer.from(chunk));
        return write(chunk, ...rest);
      }) as typeof socket.write;
      socket.on('data', (chunk: Buffer) => this.#received.push(Buffer.from(chunk)));
      return socket;
    };
  };

  get sent(): Buffer {
    return Buffer.concat(this.#sent);
  }

  get received(): Buffer {
    return Buffer.concat(this.#received);
  }

  /** How many frames of a type the proxy sent. */
  count(type: keyof typeof frameTypes): number {
    let found = 0;
    for (const frame of new FrameReader().push(this.sent)) if (frame.type === frameTypes[type]) found += 1;
    return found;
  }
}

import type { IncomingMessage } from 'node:http';
import { Transform, type TransformCallback } from 'node:stream';
import { BodyTooLarge } from './upstream-fault.ts';

/** Whether a request says that a body follows (RFC 9112 section 6.3). */
export function hasBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  if (headers['transfer-encoding'] !== undefined) return true;
  const length = headers['content-length'];
  return length !== undefined && !/^0+$/.test(length);
}

/**
 * A client's body on its way upstream, a piece at a time: the upstream's pace is the client's. It stands between the two so that
 * an upstream that answers early, or fails, does not take the client's connection with it.
 */
export class RequestBody extends Transform {
  readonly #most: number;
  #bytes = 0;

  /** @param most bytes; more is `BodyTooLarge` */
  constructor(source: IncomingMessage, most: number) {
    super();
    this.#most = most;
    source.pipe(this);
    this.on('close', () => {
      source.unpipe(this);
      // What nobody wants is read away, as far as the listener's limits let it come.
      source.resume();
    });
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#most) done(new BodyTooLarge());
    else done(null, chunk);
  }
}

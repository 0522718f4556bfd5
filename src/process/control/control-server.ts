import { once } from 'node:events';
import { chmod, lstat, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import type { Logger } from '../logger.ts';
import { PRIVATE_FILE_MODE } from '../secure-file.ts';
import { claimSocket } from './claim-socket.ts';
import { longestSocketPath } from './control-path.ts';
import type { ControlRequest, ControlResponder } from './control-routes.ts';

export interface ControlServerOptions {
  /** Finds who answers `METHOD /path`. */
  readonly find: (route: string) => ControlResponder | undefined;
  readonly logger: Logger;
  /** Milliseconds in which a question must have come. Default 5,000. */
  readonly requestMs?: number;
}

/** Operators at once, and bytes of one question. */
const mostConnections = 16;
const bodyBytes = 64 * 1024;

/**
 * The operator's door to a running process: HTTP over a UNIX socket that only this account may open (or a named pipe). Answers
 * are lines of JSON (`application/x-ndjson`), one `ControlAnswer` each, since some go on for as long as the asker stays.
 */
export class ControlServer {
  readonly #options: ControlServerOptions;
  readonly #server: Server;
  /** The socket's file and its number, so that a later process's is not removed. */
  #published: { readonly path: string; readonly inode: bigint } | undefined;

  constructor(options: ControlServerOptions) {
    this.#options = options;
    const { requestMs = 5_000 } = options;
    this.#server = createServer(
      {
        headersTimeout: requestMs,
        requestTimeout: requestMs,
        connectionsCheckingInterval: requestMs / 5,
        keepAliveTimeout: 1_000,
        maxHeaderSize: 8 * 1024,
      },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.maxConnections = mostConnections;
    this.#server.on('error', (error) => options.logger.error({ err: error }, 'the control socket failed'));
  }

  /**
   * Listens. Without success the process goes on, and its log says why nobody can ask it: another process of the same data
   * folder is asked in its place, or the path is too long for a socket.
   */
  async listen(path: string): Promise<void> {
    const { logger } = this.#options;
    if (process.platform === 'win32') {
      await this.#open(path);
      return;
    }
    // A folder of our own, so that nobody can reach the socket before its mode is right and its name is claimed.
    const folder = await mkdtemp(join(dirname(path), '.c-'));
    try {
      const ours = join(folder, 's');
      if (Buffer.byteLength(ours) > longestSocketPath) {
        logger.warn({ path, longest: longestSocketPath }, 'no control socket: the path is too long for one');
        return;
      }
      await this.#open(ours);
      await chmod(ours, PRIVATE_FILE_MODE);
      if (await claimSocket(ours, path)) {
        this.#published = { path, inode: (await lstat(path, { bigint: true })).ino };
      } else {
        this.#server.close();
        logger.warn({ path }, 'no control socket: another process answers operators there');
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Cuts answers under way. */
  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    const published = this.#published;
    this.#published = undefined;
    if (published === undefined) return;
    const found = await lstat(published.path, { bigint: true }).catch(() => undefined);
    if (found?.ino === published.inode) await rm(published.path, { force: true });
  }

  async #open(path: string): Promise<void> {
    this.#server.listen(path);
    await once(this.#server, 'listening');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { find } = this.#options;
    const url = URL.parse(request.url ?? '', 'http://castling');
    const responder = url === null ? undefined : find(`${request.method} ${url.pathname}`);
    if (url === null || responder === undefined) {
      refuse(response, 404, { code: 'not_found', message: 'There is nothing of this name to ask here.' });
      return;
    }
    const body = await readBody(request);
    if ('refused' in body) {
      refuse(response, body.refused, { code: 'body_invalid', message: body.message });
      return;
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const asked: ControlRequest = {
      query: Object.fromEntries(url.searchParams),
      body: body.value,
      signal: gone.signal,
    };
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    response.flushHeaders();
    for await (const answer of responder(asked)) {
      if (gone.signal.aborted) return;
      if (!response.write(`${JSON.stringify(answer)}\n`)) await drained(response);
    }
    response.end();
  }
}

type Body = { readonly value: unknown } | { readonly refused: 400 | 413; readonly message: string };

async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > bodyBytes) return { refused: 413, message: `A question has ${bodyBytes} bytes at most.` };
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString('utf8');
    return { value: text === '' ? undefined : JSON.parse(text) };
  } catch {
    return { refused: 400, message: 'The body is not JSON.' };
  }
}

function refuse(response: ServerResponse, status: number, error: { code: string; message: string }): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(`${JSON.stringify({ error })}\n`);
}

/** Resolves as well when the asker goes. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

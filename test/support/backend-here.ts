/** A backend inside the test's own process, with its log lines at hand. */

import { type Backend, startBackend } from '../../src/game/backend.ts';
import { linkFilesIn, readLinkCredentials } from '../../src/game/link/link-credentials.ts';
import type { LinkLimits } from '../../src/game/link/link-limits.ts';
import { createLogger } from '../../src/process/logger.ts';
import type { LinkCertificates } from './link-certificates.ts';
import { LinkPeer, type PeerOptions } from './link-peer.ts';

export class BackendHere {
  readonly backend: Backend;
  readonly certificates: LinkCertificates;
  readonly #lines: string[];
  readonly #waiting: Set<() => void>;

  private constructor(parts: {
    backend: Backend;
    certificates: LinkCertificates;
    lines: string[];
    waiting: Set<() => void>;
  }) {
    this.backend = parts.backend;
    this.certificates = parts.certificates;
    this.#lines = parts.lines;
    this.#waiting = parts.waiting;
  }

  static async start({
    certificates,
    limits = {},
    storeUrl = 'sqlite::memory:',
  }: {
    readonly certificates: LinkCertificates;
    readonly limits?: Partial<LinkLimits>;
    readonly storeUrl?: string;
  }): Promise<BackendHere> {
    const lines: string[] = [];
    const waiting = new Set<() => void>();
    const destination = {
      write: (line: string) => {
        lines.push(line);
        for (const wake of waiting) wake();
        waiting.clear();
      },
    };
    const backend = await startBackend({
      storeUrl,
      host: '127.0.0.1',
      port: 0,
      credentials: await readLinkCredentials(linkFilesIn(certificates.folder)),
      logger: createLogger({ name: 'backend', destination }),
      limits,
      fatal: (error) => {
        throw error;
      },
    });
    return new BackendHere({ backend, certificates, lines, waiting });
  }

  get port(): number {
    return this.backend.port;
  }

  get log(): string {
    return this.#lines.join('');
  }

  /** Reads certificates and revocation list again. */
  async renew(revocations?: string): Promise<void> {
    this.backend.renew(await readLinkCredentials(linkFilesIn(this.certificates.folder, revocations)));
  }

  async connect(
    name: string | undefined = 'link-client',
    options: Partial<PeerOptions> = {},
  ): Promise<LinkPeer> {
    return await LinkPeer.connect({
      port: this.port,
      ca: this.certificates.read('ca.pem'),
      ...(name && { credential: this.certificates.credential(name) }),
      ...options,
    });
  }

  /** Resolves when a log line after the first `from` characters holds the text. */
  async logged(text: string, from = 0): Promise<void> {
    const patience = setTimeout(() => this.#wake(), patienceMs);
    const until = performance.now() + patienceMs;
    while (!this.log.slice(from).includes(text)) {
      if (performance.now() >= until)
        throw new Error(`The log does not say “${text}”:\n${this.log.slice(from)}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    clearTimeout(patience);
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** After so many milliseconds a line that has not come counts as missing. */
const patienceMs = 5_000;

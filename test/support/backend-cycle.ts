/** A backend that a test kills and starts again, with one link that is renewed after each start. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackendProcess, type BackendProcessOptions } from './backend-process.ts';
import { LinkCertificates } from './link-certificates.ts';
import { LinkPeer } from './link-peer.ts';

export class BackendCycle {
  readonly certificates = new LinkCertificates();
  readonly data = mkdtempSync(join(tmpdir(), 'castling-data-'));
  backend!: BackendProcess;
  #link = Promise.withResolvers<LinkPeer>();
  #linkLost: Promise<void> = Promise.resolve();

  /** Starts it; whoever waits for a link gets one. */
  async start(options: Partial<BackendProcessOptions> = {}): Promise<void> {
    this.backend = await BackendProcess.start({
      data: this.data,
      certs: this.certificates.folder,
      ...options,
    });
    const peer = await this.connect();
    this.#link.resolve(peer);
    // A link that is lost is never given out again: whoever asks waits for the next.
    this.#linkLost = peer.closed.then(() => {
      this.#link = Promise.withResolvers();
    });
  }

  async connect(name = 'link-client'): Promise<LinkPeer> {
    return await LinkPeer.connect({
      port: this.backend.port,
      ca: this.certificates.read('ca.pem'),
      credential: this.certificates.credential(name),
    });
  }

  /** Kills it and starts it again. */
  async restart(options: Partial<BackendProcessOptions> = {}): Promise<void> {
    await this.backend.kill();
    await this.#linkLost;
    // At the address that it had, where it counts as a member at once; elsewhere the lease of the dead one would have to end.
    await this.start({ port: this.backend.port, ...options });
  }

  /** A link that is up; waits for the next start when there is none. */
  readonly link = (): Promise<LinkPeer> => this.#link.promise;

  async remove(): Promise<void> {
    await this.backend?.kill();
    rmSync(this.data, { recursive: true, force: true });
    this.certificates.remove();
  }
}

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
  #link: Promise<LinkPeer> = Promise.reject(new Error('not started'));

  constructor() {
    this.#link.catch(() => {});
  }

  /** Starts anew, and only then gives links again. */
  async start(options: Partial<BackendProcessOptions> = {}): Promise<void> {
    const up = Promise.withResolvers<LinkPeer>();
    up.promise.catch(() => {});
    this.#link = up.promise;
    try {
      this.backend = await BackendProcess.start({
        data: this.data,
        certs: this.certificates.folder,
        ...options,
      });
      up.resolve(await this.connect());
    } catch (error) {
      up.reject(error);
      throw error;
    }
  }

  async connect(name = 'link-client'): Promise<LinkPeer> {
    return await LinkPeer.connect({
      port: this.backend.port,
      ca: this.certificates.read('ca.pem'),
      credential: this.certificates.credential(name),
    });
  }

  /** Kills it and starts it again; whoever asks for a link meanwhile waits for the new one. */
  async restart(options: Partial<BackendProcessOptions> = {}): Promise<void> {
    const waiting = Promise.withResolvers<LinkPeer>();
    waiting.promise.catch(() => {});
    this.#link = waiting.promise;
    await this.backend.kill();
    await this.start(options);
    waiting.resolve(await this.#link);
  }

  readonly link = (): Promise<LinkPeer> => this.#link;

  async remove(): Promise<void> {
    await this.backend?.kill();
    rmSync(this.data, { recursive: true, force: true });
    this.certificates.remove();
  }
}

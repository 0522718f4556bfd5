import { X509Certificate } from 'node:crypto';
import { basename } from 'node:path';
import { createSecureContext, type SecureContext, type Server } from 'node:tls';
import { isDevelopmentCertificate } from '../../../process/certificates/index.ts';
import type { LiveCertificates } from '../../../process/live-certificates.ts';
import { OperatorError } from '../../../process/operator-error.ts';
import { readTlsFiles, type TlsMaterial, type TlsPaths } from '../../../process/tls-files.ts';
import { edgeContext } from '../tls-options.ts';
import { dnsNamesOf, nameTable } from './name-table.ts';

export interface EdgeCertificatesOptions {
  /** The first is shown to clients that ask for no name, or for one that no certificate has. */
  readonly pairs: readonly [TlsPaths, ...TlsPaths[]];
  readonly live: LiveCertificates;
  /** Default: whether `NODE_ENV` says so. */
  readonly production?: boolean;
}

interface Entry {
  readonly material: TlsMaterial;
  readonly names: readonly string[];
  readonly context: SecureContext;
  readonly isDevelopment: boolean;
}

/** What Node calls to ask which certificate a client gets. */
type Choose = (name: string, done: (error: null, context?: SecureContext) => void) => void;

/** The certificates of the player port, by name. Changed files meet the next handshake, and nobody who is connected notices. */
export class EdgeCertificates {
  /** Same order as the pairs. */
  readonly #entries: Entry[];
  #byName: (name: string) => Entry | undefined;
  #server: Server | undefined;

  /** @throws OperatorError naming the file and what is wrong with it. */
  static async load({ pairs, live, production }: EdgeCertificatesOptions): Promise<EdgeCertificates> {
    const read = (paths: TlsPaths) => readPair(paths, production);
    const entries = (await Promise.all(pairs.map(read))).map(entryOf);
    const certificates = new EdgeCertificates(entries);
    pairs.forEach((paths, index) => {
      const { names, material } = entries[index] as Entry;
      live.add({
        name: names[0] ?? basename(paths.certificate),
        paths: [paths.certificate, paths.key],
        initial: material,
        read: () => read(paths),
        take: (next) => certificates.#take(index, next),
      });
    });
    return certificates;
  }

  private constructor(entries: Entry[]) {
    this.#entries = entries;
    this.#byName = nameTable(entries);
  }

  /** Of the certificate for clients that ask for no name; for the making of the server. */
  get material(): TlsMaterial {
    return this.#default.material;
  }

  /** Total: whatever name a stranger sends, it calls back with a context, or without one for the default, and never throws. */
  readonly choose: Choose = (name, done) => {
    done(null, this.#byName(name)?.context);
  };

  /** Whether this server has a certificate for this name, so that pages under it are its own. */
  isFor(name: string): boolean {
    return this.#byName(name) !== undefined;
  }

  /** Whether a client that asked for this name was shown a certificate for development only. */
  isForDevelopment(name: string | undefined): boolean {
    const entry = name === undefined ? undefined : this.#byName(name);
    return (entry ?? this.#default).isDevelopment;
  }

  /** From now on this server shows the new certificate when the default changes. */
  serve(server: Server): void {
    this.#server = server;
  }

  get #default(): Entry {
    return this.#entries[0] as Entry;
  }

  #take(index: number, material: TlsMaterial): void {
    this.#entries[index] = entryOf(material);
    this.#byName = nameTable(this.#entries);
    if (index !== 0 || this.#server === undefined) return;
    // The keys of session tickets lie in the context: without them every ticket of before would be void.
    const ticketKeys = this.#server.getTicketKeys();
    this.#server.setSecureContext({ ...edgeContext(material), ticketKeys });
  }
}

async function readPair(paths: TlsPaths, production: boolean | undefined): Promise<TlsMaterial> {
  const material = await readTlsFiles(paths, production === undefined ? {} : { production });
  try {
    createSecureContext(edgeContext(material));
  } catch (cause) {
    const text = `TLS cannot use ${paths.certificate} with ${paths.key}; check that both files are whole.`;
    throw new OperatorError('certificate_invalid', text, { cause });
  }
  return material;
}

function entryOf(material: TlsMaterial): Entry {
  return {
    material,
    names: dnsNamesOf(new X509Certificate(material.certificate)),
    context: createSecureContext(edgeContext(material)),
    isDevelopment: isDevelopmentCertificate(material.certificate),
  };
}

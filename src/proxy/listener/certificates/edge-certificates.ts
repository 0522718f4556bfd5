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
  readonly pairs: readonly TlsPaths[];
  readonly live: LiveCertificates;
  /** Default: whether `NODE_ENV` says so. */
  readonly production?: boolean;
}

interface Entry {
  readonly paths: TlsPaths;
  readonly material: TlsMaterial;
  readonly names: readonly string[];
  readonly context: SecureContext;
  readonly isDevelopment: boolean;
}

/** Pairs that were read and found whole, and are not in use yet. */
export type ReadPairs = readonly [Entry, ...Entry[]];

/** What Node calls to ask which certificate a client gets. */
type Choose = (name: string, done: (error: null, context?: SecureContext) => void) => void;

/**
 * The certificates of the player port, by name; the first is for clients that ask for no name, or for one that no certificate has.
 * Changed files meet the next handshake, and nobody who is connected notices.
 */
export class EdgeCertificates {
  readonly #live: LiveCertificates;
  readonly #production: boolean | undefined;
  #entries: [Entry, ...Entry[]];
  #byName: (name: string) => Entry | undefined;
  #server: Server | undefined;
  #unfollow: readonly (() => void)[] = [];

  /** @throws OperatorError naming the file and what is wrong with it. */
  static async load({ pairs, live, production }: EdgeCertificatesOptions): Promise<EdgeCertificates> {
    return new EdgeCertificates(await readPairs(pairs, production), { live, production });
  }

  private constructor(
    entries: ReadPairs,
    {
      live,
      production,
    }: Pick<EdgeCertificatesOptions, 'live'> & { readonly production: boolean | undefined },
  ) {
    this.#live = live;
    this.#production = production;
    this.#entries = [...entries];
    this.#byName = nameTable(entries);
    this.#follow();
  }

  /** Reads other pairs, for `use`. @throws OperatorError naming the file and what is wrong with it. */
  async read(pairs: readonly TlsPaths[]): Promise<ReadPairs> {
    return await readPairs(pairs, this.#production);
  }

  /** Other pairs from the next handshake on. */
  use(entries: ReadPairs): void {
    this.#entries = [...entries];
    this.#show();
    this.#follow();
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
    return this.#entries[0];
  }

  #follow(): void {
    for (const unfollow of this.#unfollow) unfollow();
    this.#unfollow = this.#entries.map(({ paths, names, material }, index) =>
      this.#live.add({
        name: names[0] ?? basename(paths.certificate),
        paths: [paths.certificate, paths.key],
        initial: material,
        read: () => readPair(paths, this.#production),
        take: (next) => {
          this.#entries[index] = entryOf(paths, next);
          this.#show();
        },
      }),
    );
  }

  /** What is in `#entries`, from the next handshake on. */
  #show(): void {
    this.#byName = nameTable(this.#entries);
    // The keys of session tickets lie in the context: without them every ticket of before would be void.
    const ticketKeys = this.#server?.getTicketKeys();
    this.#server?.setSecureContext({ ...edgeContext(this.material), ...(ticketKeys && { ticketKeys }) });
  }
}

async function readPairs(pairs: readonly TlsPaths[], production: boolean | undefined): Promise<ReadPairs> {
  const [first, ...rest] = await Promise.all(
    pairs.map(async (paths) => entryOf(paths, await readPair(paths, production))),
  );
  if (first === undefined) throw new TypeError('The player port needs a certificate.');
  return [first, ...rest];
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

function entryOf(paths: TlsPaths, material: TlsMaterial): Entry {
  return {
    paths,
    material,
    names: dnsNamesOf(new X509Certificate(material.certificate)),
    context: createSecureContext(edgeContext(material)),
    isDevelopment: isDevelopmentCertificate(material.certificate),
  };
}

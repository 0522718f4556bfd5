import { join } from 'node:path';
import { OperatorError } from '../process/operator-error.ts';
import type { TlsPaths } from '../process/tls-files.ts';
import type { Settings } from '../settings/index.ts';

/** What `castling start` itself obeys of the settings. */
export type StartSettings = {
  /** Address on which players are served. */
  host: string;
  port: number;
  /** Address and port of the link. */
  linkHost: string;
  linkPort: number;
  /** How many, on this port and the next ones. */
  backends: number;
  adminPort: number;
  /** Absolute paths. */
  data: string;
  certs: string;
  /** Certificates of the player port, with their keys; the one that is ordered by ACME is not among them. */
  pairs: readonly TlsPaths[];
  /** Where plain HTTP is sent on to HTTPS, if anywhere. */
  plainHttpPort?: number | undefined;
};

export const DEFAULT_PORT = 8443;

/** Administration listens here only. */
const LOOPBACK = '127.0.0.1';

export function startSettingsFrom({ data, certs, proxy, tls, backend }: Settings): StartSettings {
  const { host, port, adminPort } = proxy;
  return {
    host,
    port,
    adminPort,
    linkHost: backend.host,
    linkPort: backend.port,
    backends: backend.count,
    data,
    certs,
    plainHttpPort: tls.plainHttpPort,
    pairs: tls.certificates.map(({ cert, key }) => ({ certificate: cert, key })),
  };
}

/** The link's port of each backend. */
export function linkPortsOf({ linkPort, backends }: Pick<StartSettings, 'linkPort' | 'backends'>): number[] {
  return Array.from({ length: backends }, (_, index) => linkPort + index);
}

/** One listener of the whole: where, and the flag that moves it. */
export type Listener = { flag: string; host: string; port: number };

/** The listeners of all processes together. */
export function listenersOf(settings: StartSettings): Listener[] {
  const { plainHttpPort } = settings;
  return [
    { flag: '--port', host: settings.host, port: settings.port },
    ...linkPortsOf(settings).map((port) => ({ flag: '--link-port', host: settings.linkHost, port })),
    { flag: '--admin-port', host: LOOPBACK, port: settings.adminPort },
    ...(plainHttpPort === undefined
      ? []
      : [{ flag: '--set tls.plainHttpPort', host: settings.host, port: plainHttpPort }]),
  ];
}

/** @throws OperatorError `usage` when two listeners were given one port, or one may take any: the others could not find it. */
export function refuseSharedPorts(settings: StartSettings): void {
  const listeners = listenersOf(settings);
  for (const [index, listener] of listeners.entries()) {
    if (listener.port > 65_535) {
      throw new OperatorError(
        'usage',
        `The backends need ports up to ${listener.port}; give a lower ${listener.flag}.`,
      );
    }
    if (listener.port === 0) {
      throw new OperatorError('usage', `${listener.flag} is 0; give a port from 1 to 65535.`);
    }
    const other = listeners.slice(0, index).find(({ port }) => port === listener.port);
    if (other !== undefined) {
      throw new OperatorError(
        'usage',
        `${other.flag} and ${listener.flag} are both ${listener.port}; give each a port of its own.`,
      );
    }
  }
}

/** Paths of a certificate and its key in the certificates folder, and of the CA. */
export function tlsPathsIn(certs: string, role: string): { certificate: string; key: string; ca: string } {
  return {
    certificate: join(certs, `${role}.pem`),
    key: join(certs, `${role}-key.pem`),
    ca: join(certs, 'ca.pem'),
  };
}

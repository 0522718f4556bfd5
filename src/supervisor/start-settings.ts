import { join } from 'node:path';
import { OperatorError } from '../process/operator-error.ts';

/** Everything that `castling start` was told, with the defaults filled in. */
export type StartSettings = {
  /** Address on which players are served. */
  host: string;
  port: number;
  linkPort: number;
  adminPort: number;
  /** Absolute paths. */
  data: string;
  certs: string;
};

export const DEFAULT_PORT = 8443;
export const DEFAULT_LINK_PORT = 7878;
export const DEFAULT_ADMIN_PORT = 9464;

/** The link and the administration listen here only: both processes run on this machine. */
const LOOPBACK = '127.0.0.1';

/** One listener of the whole: where, and the flag that moves it. */
export type Listener = { flag: string; host: string; port: number };

/** The listeners of both processes together. */
export function listenersOf(settings: StartSettings): Listener[] {
  return [
    { flag: '--port', host: settings.host, port: settings.port },
    { flag: '--link-port', host: LOOPBACK, port: settings.linkPort },
    { flag: '--admin-port', host: LOOPBACK, port: settings.adminPort },
  ];
}

/** @throws OperatorError `usage` when two listeners were given one port. */
export function refuseSharedPorts(settings: StartSettings): void {
  const listeners = listenersOf(settings);
  for (const [index, listener] of listeners.entries()) {
    const other = listeners.slice(0, index).find(({ port }) => port === listener.port);
    if (other !== undefined) {
      throw new OperatorError(
        'usage',
        `${other.flag} and ${listener.flag} are both ${listener.port}; give each a port of its own.`,
      );
    }
  }
}

/** Command line of the game backend. */
export function backendArguments(settings: StartSettings): string[] {
  const { linkPort, data, certs } = settings;
  return ['backend', '--link-host', LOOPBACK, '--link-port', `${linkPort}`, '--data', data, '--certs', certs];
}

/** Command line of the proxy. */
export function proxyArguments(settings: StartSettings): string[] {
  const { host, port, adminPort, linkPort, data, certs } = settings;
  return [
    ...['proxy', '--host', host, '--port', `${port}`, '--admin-port', `${adminPort}`],
    ...['--link', `${LOOPBACK}:${linkPort}`, '--data', data, '--certs', certs],
  ];
}

/** Paths of a certificate and its key in the certificates folder, and of the CA. */
export function tlsPathsIn(certs: string, role: string): { certificate: string; key: string; ca: string } {
  return {
    certificate: join(certs, `${role}.pem`),
    key: join(certs, `${role}-key.pem`),
    ca: join(certs, 'ca.pem'),
  };
}

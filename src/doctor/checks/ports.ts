import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import { explainSystemError } from '../../process/explain-system-error.ts';
import { linkAlpn, linkNames } from '../../protocol/link-messages.ts';
import {
  type Listener,
  listenersOf,
  startSettingsFrom,
  tlsPathsIn,
} from '../../supervisor/start-settings.ts';
import { type Check, type Finding, fault, ok, type Patient, warning } from '../check.ts';

/** Milliseconds in which a backend proves who it is. */
const answerMs = 3_000;

/** Whether each port is free, or held by the Castling that is meant. */
export const portsCheck: Check = {
  name: 'ports',
  run: async (patient) => {
    const listeners = listenersOf(startSettingsFrom(patient.settings));
    return Promise.all(listeners.map((listener) => look(listener, patient)));
  },
};

async function look(listener: Listener, patient: Patient): Promise<Finding> {
  const { host, port, flag } = listener;
  const isRunning = patient.running.state === 'running';
  const error = await tryToListen(listener);
  if (error === undefined) {
    if (!isRunning) return ok(`Port ${port} is free.`);
    return warning(
      `Castling runs, and nobody listens on port ${port}, which the settings give.`,
      `Ask with the flags that it was started with (${flag} for one), or start it again with these settings.`,
    );
  }
  const explained = explainSystemError(error, { doing: 'listen', host, port, flag });
  if (explained === undefined) throw error;
  if (explained.code !== 'port_taken') return fault(explained.message, `Correct ${flag}.`);
  if (await isOurs(listener, patient)) return ok(`Port ${port} is held by this Castling.`);
  const who = isRunning
    ? 'another program than this Castling'
    : 'another program, or by a Castling with another data folder';
  return fault(`Port ${port} is held by ${who}.`, `Stop that program, or choose another port with ${flag}.`);
}

function tryToListen({ host, port }: Listener): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/**
 * The proxy says over the control socket which ports it took, and it does not run without them. A backend has no such socket: it
 * shows the certificate of one, from the link’s own CA.
 */
async function isOurs({ flag, host, port }: Listener, { settings, running }: Patient): Promise<boolean> {
  if (running.state !== 'running') return false;
  if (flag !== '--link-port') return running.ports.includes(port);
  return showsBackend({ host: isWildcard(host) ? '127.0.0.1' : host, port }, settings.certs);
}

async function showsBackend(
  at: { readonly host: string; readonly port: number },
  certs: string,
): Promise<boolean> {
  const paths = tlsPathsIn(certs, 'link-client');
  try {
    const [ca, cert, key] = await Promise.all([
      readFile(paths.ca, 'utf8'),
      readFile(paths.certificate, 'utf8'),
      readFile(paths.key, 'utf8'),
    ]);
    return await shakesHands({ ...at, ca, cert, key });
  } catch {
    return false;
  }
}

/** LINK.md has what both sides ask of TLS. */
function shakesHands(
  options: Pick<ConnectionOptions, 'host' | 'port' | 'ca' | 'cert' | 'key'>,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({
      ...options,
      servername: linkNames.backend,
      minVersion: 'TLSv1.3',
      ecdhCurve: 'X25519MLKEM768',
      ALPNProtocols: [linkAlpn],
      rejectUnauthorized: true,
      timeout: answerMs,
    });
    const settle = (isBackend: boolean) => {
      resolve(isBackend);
      socket.destroy();
    };
    socket.once('secureConnect', () => settle(socket.alpnProtocol === linkAlpn));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

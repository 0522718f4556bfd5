import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { createAuth, readKeyEncryptionFile } from '../auth/index.ts';
import { ControlRoutes, ControlServer, controlPath } from '../process/control/index.ts';
import { certificatesFolder, dataFolder, ensureFolder, packageRoot } from '../process/folders.ts';
import { createLogger } from '../process/logger.ts';
import { createMetrics } from '../process/metrics.ts';
import { runCommand } from '../process/run-command.ts';
import { drainOnStop } from '../process/stop-signals.ts';
import { readTlsFiles } from '../process/tls-files.ts';
import { dialBackend } from './link/dial-backend.ts';
import { listedOrigin } from './listener/listed-origin.ts';
import { registerStatus } from './operator/status.ts';
import { ProxyProcess } from './proxy-process.ts';
import { webPage } from './web/web-page.ts';

interface Flags {
  readonly host: string;
  readonly port: number;
  readonly adminPort: number;
  readonly link: { readonly host: string; readonly port: number };
  readonly data?: string;
  readonly certs?: string;
  readonly authStore?: string;
  readonly origin: readonly string[];
  readonly keyEncryptionFile?: string;
}

/** What access tokens are made by and for; the same on every proxy of an installation, whatever its address. */
const issuer = 'https://castling.internal';
const audience = 'castling';

/** `castling proxy`, the edge that players reach, and what its operator asks it. */
export function register(program: Command): void {
  registerStatus(program);
  program
    .command('proxy')
    .description('Run the edge that players reach: TLS, accounts, policy, and the link to the game backend.')
    .option('--host <address>', 'address to listen on', '0.0.0.0')
    .option('--port <port>', 'port that players reach', parsePort, 8443)
    .option('--admin-port <port>', 'port for /live, /ready and /metrics, on 127.0.0.1 only', parsePort, 9464)
    .option('--link <host:port>', 'where the game backend listens', parseAddress, {
      host: '127.0.0.1',
      port: 7878,
    })
    .option('--data <dir>', 'folder of the databases (environment: CASTLING_DATA)')
    .option('--certs <dir>', 'folder of the certificates (environment: CASTLING_CERTS)')
    .option('--auth-store <url>', 'where accounts are kept (default: sqlite:DATA/auth.db)')
    .addOption(
      new Option(
        '--key-encryption-file <file>',
        'secret of 32 bytes or more that encrypts the signing keys in the account database',
      ).env('CASTLING_KEY_ENCRYPTION_FILE'),
    )
    .option(
      '--origin <origin>',
      'let pages of this origin connect, beside those that this proxy serves; may be repeated',
      collect,
      [],
    )
    .action(async (flags: Flags) => {
      await runCommand(async () => await run(flags));
    });
}

async function run(flags: Flags): Promise<void> {
  const logger = createLogger({ name: 'proxy' });
  const data = dataFolder(flags.data);
  await ensureFolder(data, { flag: '--data' });
  const origins = flags.origin.map(listedOrigin);
  const certificates = certificatesFolder(flags.certs, flags.data);
  const inCertificates = (name: string) => join(certificates, name);
  const tls = await readTlsFiles({
    certificate: inCertificates('proxy.pem'),
    key: inCertificates('proxy-key.pem'),
  });
  const linkTls = await readTlsFiles({
    certificate: inCertificates('link-client.pem'),
    key: inCertificates('link-client-key.pem'),
    ca: inCertificates('ca.pem'),
  });
  const auth = await createAuth({
    storeUrl: flags.authStore ?? `sqlite:${join(data, 'auth.db')}`,
    issuer,
    audience,
    logger,
    ...(flags.keyEncryptionFile !== undefined && {
      keyEncryptionSecret: await readKeyEncryptionFile(flags.keyEncryptionFile),
    }),
  });
  const routes = new ControlRoutes();
  const control = new ControlServer({ find: (route) => routes.find(route), from: 'proxy', logger });
  const proxy = new ProxyProcess({
    auth,
    control: routes,
    tls,
    logger,
    metrics: createMetrics(),
    origins,
    page: await webPage({ folder: join(packageRoot(), 'dist', 'web') }),
    host: flags.host,
    port: flags.port,
    adminPort: flags.adminPort,
    dial: () =>
      dialBackend({
        ...flags.link,
        ca: linkTls.ca ?? '',
        certificate: linkTls.certificate,
        key: linkTls.key,
      }),
  });
  try {
    await proxy.start();
    await control.listen(controlPath(data));
  } catch (error) {
    await auth.close();
    throw error;
  }
  const drain = async () => {
    await proxy.drain();
    await control.close();
  };
  drainOnStop(drain, { onStop: (event) => logger.info(event, 'stopping') });
  process.send?.({ type: 'ready', ...proxy.ports });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}

function parseAddress(text: string): Flags['link'] {
  const found = /^(?:\[([0-9a-f:]+)\]|([^\s:]+)):(\d{1,5})$/i.exec(text);
  const host = found?.[1] ?? found?.[2];
  if (host === undefined) throw new InvalidArgumentError('Write it as HOST:PORT, such as 127.0.0.1:7878.');
  return { host, port: parsePort(found?.[3] ?? '') };
}

function collect(text: string, before: readonly string[]): string[] {
  return [...before, text];
}

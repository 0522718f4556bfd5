import { homedir } from 'node:os';
import { join } from 'node:path';
import { certificatesFolder, dataFolder, packageRoot } from '../process/folders.ts';
import type { Environment } from './reading/from-environment.ts';
import type { Settings } from './schema.ts';

/** Settings of which the derived ones may still be absent. */
export interface Underived {
  data?: string;
  certs?: string;
  proxy: { readonly port: number; link?: Settings['proxy']['link'] };
  tls: {
    certificates?: Settings['tls']['certificates'];
    publicPort?: number;
    acme: { readonly names: readonly string[]; folder?: string };
  };
  backend: { readonly host: string; readonly port: number; store?: string };
  auth: { store?: string };
}

/** Fills in what follows from other keys; each such key says so in its schema. */
export function deriveDefaults(settings: Underived, env: Environment): void {
  const around = { env, root: packageRoot(), home: homedir(), platform: process.platform };
  settings.data ??= dataFolder(undefined, around);
  settings.certs ??= certificatesFolder(undefined, settings.data, around);
  settings.auth.store ??= `sqlite:${join(settings.data, 'auth.db')}`;
  settings.backend.store ??= `sqlite:${join(settings.data, 'game.db')}`;
  const { tls, certs } = settings;
  const development = { cert: join(certs, 'proxy.pem'), key: join(certs, 'proxy-key.pem') };
  tls.certificates ??= tls.acme.names.length === 0 ? [development] : [];
  tls.publicPort ??= settings.proxy.port;
  tls.acme.folder ??= join(certs, 'acme');
  const { host, port } = settings.backend;
  settings.proxy.link ??= { host: isWildcard(host) ? '127.0.0.1' : host, port };
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

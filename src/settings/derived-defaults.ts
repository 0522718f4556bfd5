import { homedir } from 'node:os';
import { join } from 'node:path';
import { certificatesFolder, dataFolder, packageRoot } from '../process/folders.ts';
import type { Environment } from './reading/from-environment.ts';
import type { Settings } from './schema.ts';

/** Settings of which the derived ones may still be absent. */
export interface Underived {
  data?: string;
  certs?: string;
  proxy: { link?: Settings['proxy']['link'] };
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
  const { host, port } = settings.backend;
  settings.proxy.link ??= { host: isWildcard(host) ? '127.0.0.1' : host, port };
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

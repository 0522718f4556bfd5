/** nginx and HAProxy from Debian for benchmarks: one process each that relays, in the foreground, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Relay {
  /** The processes that relay. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** Where it listens and keeps its files, and with which certificate and key it speaks TLS. */
export interface RelayPlace {
  readonly folder: string;
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
}

/** An nginx that serves the files below `root` in plain HTTP; those below /kept/ may be kept for an hour. */
export function startFileServer({
  folder,
  port,
  root,
}: {
  readonly folder: string;
  readonly port: number;
  readonly root: string;
}): Promise<Relay> {
  const server = `
    server {
      listen 127.0.0.1:${port};
      root ${root};
      access_log off;
      location /kept/ { add_header Cache-Control "public, max-age=3600"; }
    }`;
  return startNginx({ folder, port, name: 'files', http: server });
}

/** nginx before an upstream, with connections to it kept open, an access log, and a cache in files for /kept/. */
export function startNginxRelay({
  upstreamPort,
  ...place
}: RelayPlace & { readonly upstreamPort: number }): Promise<Relay> {
  const { folder, port, certificate, key } = place;
  const http = `
    proxy_cache_path ${join(folder, 'kept')} keys_zone=kept:10m;
    upstream files { server 127.0.0.1:${upstreamPort}; keepalive 64; }
    server {
      listen 127.0.0.1:${port} ssl;
      ssl_certificate ${certificate};
      ssl_certificate_key ${key};
      ssl_protocols TLSv1.3;
      access_log ${join(folder, 'nginx-access.log')};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      location / { proxy_pass http://files; }
      location /kept/ { proxy_pass http://files; proxy_cache kept; }
    }`;
  return startNginx({ folder, port, name: 'relay', http });
}

/** HAProxy before an upstream, on one thread. */
export async function startHaproxyRelay({
  upstreamPort,
  ...place
}: RelayPlace & { readonly upstreamPort: number }): Promise<Relay> {
  const { folder, port, certificate, key } = place;
  const pem = join(folder, 'haproxy.pem');
  writeFileSync(pem, readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8'), { mode: 0o600 });
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend players
  bind 127.0.0.1:${port} ssl crt ${pem} ssl-min-ver TLSv1.3
  default_backend files
backend files
  http-reuse always
  server files 127.0.0.1:${upstreamPort}
`,
  );
  return await running(
    spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'inherit'] }),
    port,
  );
}

async function startNginx(options: {
  readonly folder: string;
  readonly port: number;
  readonly name: string;
  readonly http: string;
}): Promise<Relay> {
  const { folder, port, name, http } = options;
  const file = join(folder, `${name}.conf`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${join(folder, `${name}-${kind}`)};`)
    .join('\n    ');
  writeFileSync(
    file,
    `master_process off;
daemon off;
pid ${join(folder, `${name}.pid`)};
error_log ${join(folder, `${name}-error.log`)};
events { worker_connections 1024; }
http {
    ${temporary}${http}
}
`,
  );
  const args = ['-p', folder, '-e', join(folder, `${name}-error.log`), '-c', file];
  return await running(spawn('nginx', args, { stdio: ['ignore', 'ignore', 'inherit'] }), port);
}

/** @throws Error when it ends, or does not listen within 5 s. */
async function running(child: ChildProcess, port: number): Promise<Relay> {
  for (let attempt = 0; !(await listens(port)); attempt += 1) {
    if (child.exitCode !== null || attempt >= 100) throw new Error(`${child.spawnfile} does not listen.`);
    await sleep(50);
  }
  return {
    pids: [child.pid ?? 0],
    async stop() {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

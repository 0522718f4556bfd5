import type { Bench } from './harness/bench.ts';
import { caddyRelay, castlingRelay, nginxRelay } from './subjects/http-routes.ts';

const load = { path: '/kept/small' };

export default {
  name: 'http-cached',
  question: 'What does an answer of 1 KiB out of the cache cost?',
  operation: 'request',
  notes: [
    'Castling keeps it in memory, nginx in a file. Debian’s Caddy has no cache: it asks its upstream each time.',
    '16 connections; otherwise as http-relay.',
  ],
  subjects: { castling: castlingRelay(load), nginx: nginxRelay(load), caddy: caddyRelay(load) },
  targets: [{ figure: 'cpuMicroseconds', peer: 'caddy', most: 1 }],
} satisfies Bench;

import type { Bench } from './harness/bench.ts';
import { caddyRelay, castlingRelay, haproxyRelay, nginxRelay } from './subjects/http-routes.ts';

const load = { path: '/relayed/large', connections: 4 };

export default {
  name: 'http-relay-large',
  question: 'What does a relayed answer of 1 MiB cost on an `http` route?',
  operation: 'request',
  notes: ['4 connections; otherwise as http-relay.'],
  subjects: {
    castling: castlingRelay(load),
    nginx: nginxRelay(load),
    haproxy: haproxyRelay(load),
    caddy: caddyRelay(load),
  },
  targets: [{ figure: 'cpuMicroseconds', peer: 'caddy', most: 1 }],
} satisfies Bench;

import type { Bench } from './harness/bench.ts';
import { caddyRelay, castlingRelay, haproxyRelay, nginxRelay } from './subjects/http-routes.ts';

const load = { path: '/relayed/small' };

export default {
  name: 'http-relay',
  question: 'What does a relayed request of 1 KiB cost on an `http` route?',
  operation: 'request',
  notes: [
    '16 connections, TLS 1.3 towards clients, kept connections to an nginx that serves files. HAProxy and nginx have one process and one thread.',
    'Castling and nginx write a line of log for each request, HAProxy and Caddy none. “Signed in” checks a token and names the player to the upstream.',
  ],
  subjects: {
    castling: castlingRelay(load),
    'castling, signed in': castlingRelay(load, { signedIn: true }),
    nginx: nginxRelay(load),
    haproxy: haproxyRelay(load),
    caddy: caddyRelay(load),
  },
  targets: [{ figure: 'cpuMicroseconds', peer: 'caddy', most: 1 }],
} satisfies Bench;

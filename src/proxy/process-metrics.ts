/** What a process that serves players counts of its parts when it is asked, and of each answer that it gives itself. */
import { Counter, Gauge, type Registry } from '../process/metrics.ts';
import type { PlayerSocket } from './conversation/player-socket.ts';
import type { Sockets } from './conversation/sockets.ts';
import type { Answered } from './http/http-app.ts';
import type { LinkedBackends } from './link/linked-backends.ts';

export function countSockets(sockets: Sockets<PlayerSocket>, metrics: Registry): void {
  new Gauge({
    name: 'castling_proxy_sockets',
    help: 'Sockets of players that are open now, signed in or not.',
    registers: [metrics],
    collect() {
      this.set(sockets.size);
    },
  });
  new Gauge({
    name: 'castling_proxy_sessions',
    help: 'Sessions that have a socket now.',
    registers: [metrics],
    collect() {
      this.set(sockets.sessions);
    },
  });
}

export function countLinks(backends: LinkedBackends, metrics: Registry): void {
  new Gauge({
    name: 'castling_link_backends',
    help: 'Backends that this process knows of, by whether it is connected to them.',
    labelNames: ['state'],
    registers: [metrics],
    collect() {
      const { up, away } = backends.counts;
      this.set({ state: 'up' }, up);
      this.set({ state: 'away' }, away);
    },
  });
}

/** Counts what this server answers itself. Only what concerns accounts is told apart, since a stranger chooses the rest. */
export function answerCounter(metrics: Registry): (answer: Answered) => void {
  const requests = new Counter({
    name: 'castling_http_requests_total',
    help: 'HTTP requests that this server answered itself (accounts, lists, page), and how; kind: what was asked of the accounts.',
    labelNames: ['route', 'kind', 'status'],
    registers: [metrics],
  });
  return ({ route, kind, status }) => {
    requests.inc({ route, kind: route === 'accounts' ? kind : '', status });
  };
}

export function closingCounter(metrics: Registry): Counter<'code'> {
  return new Counter({
    name: 'castling_proxy_closings_total',
    help: 'Sockets of players that this side ended, by the reason that it gave.',
    labelNames: ['code'],
    registers: [metrics],
  });
}

import type { Bench } from './harness/bench.ts';
import { castlingSignOn, haproxySignOn, nginxSignOn } from './subjects/sign-on.ts';

const options = { isResumed: true };

export default {
  name: 'sign-on-resumed',
  question: 'What does a player cost who connects with a resumed TLS session?',
  operation: 'sign-on',
  notes: [
    'Castling: TLS, upgrade, access token checked, session looked up, player told. The peers: TLS and upgrade, and nobody asks who it is. 16 at once.',
  ],
  subjects: {
    castling: castlingSignOn(options),
    haproxy: haproxySignOn(options),
    nginx: nginxSignOn(options),
  },
  targets: [{ figure: 'cpuMicroseconds', peer: 'haproxy', most: 1 }],
} satisfies Bench;

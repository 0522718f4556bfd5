import { limits } from '../../protocol/limits.ts';
import { duration, writeDuration } from '../keys/duration.ts';
import { section } from '../keys/groups.ts';
import { size, writeSize } from '../keys/size.ts';
import { slownessDefaults as defaults } from './slowness-defaults.ts';

export const slowness = section(
  'How long the proxy waits for who is slow or silent, and how much it keeps for them.',
  {
    handshake: duration({
      description:
        'From the TCP connection to the finished TLS handshake, a PROXY header included, however slowly its bytes come.',
      change: 'live',
      default: writeDuration(defaults.handshake),
      least: '100ms',
      most: '1m',
    }),
    header: duration({
      description: 'From the first byte of an HTTP request, or from the handshake, to the end of its header.',
      change: 'live',
      default: writeDuration(defaults.header),
      least: '100ms',
      most: '1m',
    }),
    request: duration({
      description:
        'From the first byte of an HTTP request to the end of its body. Who uploads much over a thin line needs more.',
      change: 'live',
      default: writeDuration(defaults.request),
      least: '100ms',
      most: '1h',
    }),
    idle: duration({
      description: 'An HTTP connection on which nothing moves for this long is closed.',
      change: 'live',
      default: writeDuration(defaults.idle),
      least: '100ms',
      most: '10m',
    }),
    keepAlive: duration({
      description: 'How long an HTTP connection may wait for its next request.',
      change: 'live',
      default: writeDuration(defaults.keepAlive),
      least: '100ms',
      most: '10m',
    }),
    signIn: duration({
      description: 'A WebSocket that has not signed in by then is closed.',
      change: 'live',
      default: writeDuration(defaults.signIn),
      least: '100ms',
      most: writeDuration(limits.signInMs),
    }),
    pingAfter: duration({
      description: 'A socket that has been quiet for this long is asked whether it lives.',
      change: 'live',
      default: writeDuration(defaults.pingAfter),
      least: '50ms',
      most: '10m',
    }),
    silence: duration({
      description:
        'A socket that has been silent for this long is closed as dead, and the opponent is told. It is noticed up to a third of pingAfter later.',
      change: 'live',
      default: writeDuration(defaults.silence),
      least: '100ms',
      most: '1h',
    }),
    waitingBytes: size({
      description:
        'A socket whose reader lets more than this wait is closed; who comes back resumes where it was.',
      change: 'live',
      default: writeSize(defaults.waitingBytes),
      least: '16KiB',
      most: writeSize(limits.outboundBytes),
    }),
    allWaitingBytes: size({
      description:
        'When more than this waits for all sockets of a worker together, those with the most are closed.',
      change: 'live',
      default: writeSize(defaults.allWaitingBytes),
      least: '1MiB',
      most: '64GiB',
    }),
    answerRate: size({
      description:
        'Who takes an HTTP answer at less than this a second, for longer than answerGrace, is cut off.',
      change: 'live',
      default: writeSize(defaults.answerRate),
      least: '1B',
      most: '1MiB',
    }),
    answerGrace: duration({
      description: 'How long an HTTP answer may wait for a slow reader before its rate counts.',
      change: 'live',
      default: writeDuration(defaults.answerGrace),
      least: '100ms',
      most: '10m',
    }),
  },
);

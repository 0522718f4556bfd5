import { limits } from '../../protocol/limits.ts';
import { duration, writeDuration } from '../keys/duration.ts';
import { section } from '../keys/groups.ts';
import { size, writeSize } from '../keys/size.ts';
import { slownessDefaults as defaults } from './slowness-defaults.ts';

export const slowness = section(
  'How long the proxy waits for who is slow or silent, and how much it keeps for them.',
  {
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

import { duration } from '../keys/duration.ts';
import { section } from '../keys/groups.ts';
import { choice } from '../keys/plain.ts';

export const log = section('What the processes write to standard error.', {
  level: choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace'], {
    description:
      'The least level that is written; debug and trace tell about every socket and slow a busy proxy down.',
    change: 'live',
    default: 'info',
  }),
  slowAfter: duration({
    description: 'An answer that takes this long is logged, and `castling why` knows it.',
    change: 'live',
    default: '1s',
    least: '1ms',
    most: '1h',
  }),
});

import { duration } from '../keys/duration.ts';
import { listOf, section, variants } from '../keys/groups.ts';
import { choice, whole } from '../keys/plain.ts';
import { httpRoute } from './http-route.ts';
import { accessKeys, commonKeys } from './route-common.ts';

const tcp = section('A route to TCP programs, which players reach by `castling tunnel NAME`.', {
  kind: choice(['tcp'], { description: 'tcp', change: 'live' }),
  ...commonKeys,
  ...accessKeys,
  limits: section('How much may be open, and for how long.', {
    connect: duration({
      description: 'For one attempt to connect to an upstream.',
      change: 'live',
      default: '5s',
      least: '10ms',
      most: '1m',
    }),
    idle: duration({
      description:
        'A tunnel through which nothing has gone for so long is closed. Players think: be generous.',
      change: 'live',
      default: '1h',
      least: '1s',
      most: '7d',
    }),
    total: duration({
      description: 'A tunnel is closed after so long, whatever goes through it.',
      change: 'live',
      default: '1d',
      least: '1s',
      most: '20d',
    }),
    tunnels: whole({
      description: 'Tunnels of the route at once, in each proxy process.',
      change: 'live',
      default: 500,
      least: 1,
      most: 4_000,
      unit: 'tunnels',
    }),
    tunnelsPerPlayer: whole({
      description: 'Tunnels of one player at once, in each proxy process.',
      change: 'live',
      default: 4,
      least: 1,
      most: 1_000,
      unit: 'tunnels',
    }),
  }),
});

export const routes = listOf(variants([tcp, httpRoute]), {
  description: 'Other programs behind the same TLS, sign-in and policy.',
  change: 'live',
  default: [],
  most: 64,
  of: 'routes',
});

import { address } from '../keys/address.ts';
import { duration } from '../keys/duration.ts';
import { listOf, section } from '../keys/groups.ts';
import { choice, fraction, text, whole } from '../keys/plain.ts';

/** What every kind of route has. */
export const commonKeys = {
  name: text({
    description:
      'What the route is called: in addresses, in metrics, and in `castling route` and `castling tunnel`.',
    expected: 'a name of small letters, digits and -, at most 32 long',
    pattern: '^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$',
    most: 32,
    change: 'live',
  }),
  upstreams: listOf(
    section('One program behind the route.', {
      address: address({ description: 'Where it listens.', change: 'live' }),
      weight: fraction({
        description: 'Its share of what is new, relative to the others.',
        change: 'live',
        default: 1,
        least: 0.01,
        most: 1_000,
      }),
      maxConnections: whole({
        description: 'Connections or requests at once, after which it is full.',
        change: 'live',
        default: 1_000,
        least: 1,
        most: 100_000,
        unit: 'connections',
      }),
    }),
    {
      description:
        'The programs behind the route. One that is removed gets nothing new; what it has goes on to its own end.',
      change: 'live',
      most: 64,
      of: 'upstreams',
    },
  ),
  balance: section('How one of several upstreams is chosen.', {
    policy: choice(['rendezvous', 'least-connections', 'random-of-two', 'round-robin'], {
      description:
        'rendezvous keeps each player at one upstream; least-connections takes the least busy one; random-of-two the less busy of two, which suits many proxies; round-robin one after the other.',
      change: 'live',
      default: 'least-connections',
    }),
    slowStart: duration({
      description:
        'For so long an upstream that has come back gets less than its share, growing to the whole.',
      change: 'live',
      default: '10s',
      least: '0s',
      most: '1h',
    }),
    breaker: section('When failures of what was sent to an upstream take it out (a circuit breaker).', {
      failures: whole({
        description: 'So many failures within the window, if they are at least half of all, take it out.',
        change: 'live',
        default: 5,
        least: 1,
        most: 10_000,
        unit: 'failures',
      }),
      window: duration({
        description: 'For so long a failure counts.',
        change: 'live',
        default: '10s',
        least: '100ms',
        most: '1h',
      }),
      open: duration({
        description: 'For so long it stays out the first time, and twice as long after each failed trial.',
        change: 'live',
        default: '2s',
        least: '10ms',
        most: '1h',
      }),
      longestOpen: duration({
        description: 'It stays out for so long at the most.',
        change: 'live',
        default: '1m',
        least: '10ms',
        most: '1h',
      }),
      trials: whole({
        description: 'Trials at once when that time is over.',
        change: 'live',
        default: 1,
        least: 1,
        most: 100,
        unit: 'trials',
      }),
      successes: whole({
        description: 'So many trials that succeed take it in again.',
        change: 'live',
        default: 2,
        least: 1,
        most: 100,
        unit: 'trials',
      }),
    }),
  }),
  probe: section('How upstreams are asked whether they are well, apart from what is sent to them.', {
    kind: choice(['none', 'tcp', 'http'], {
      description:
        'tcp opens a connection and closes it; http asks for a path and expects a status. Take none for a program that counts every connection, such as one that accepts a single one.',
      change: 'live',
      default: 'none',
    }),
    path: text({
      description: 'What http asks for.',
      expected: 'a path that begins with /',
      pattern: '^/[!-~]*$',
      change: 'live',
      default: '/',
    }),
    status: whole({
      description: 'The status that http expects.',
      change: 'live',
      default: 200,
      least: 100,
      most: 599,
    }),
    every: duration({
      description: 'From one probe to the next.',
      change: 'live',
      default: '5s',
      least: '100ms',
      most: '1h',
    }),
    timeout: duration({
      description: 'For one probe.',
      change: 'live',
      default: '2s',
      least: '10ms',
      most: '1m',
    }),
    rise: whole({
      description: 'Good probes in a row that take an upstream in again.',
      change: 'live',
      default: 2,
      least: 1,
      most: 100,
      unit: 'probes',
    }),
    fall: whole({
      description: 'Bad probes in a row that take it out.',
      change: 'live',
      default: 3,
      least: 1,
      most: 100,
      unit: 'probes',
    }),
  }),
} as const;

/** Who may use a route whose users sign in. */
export const accessKeys = {
  allow: choice(['players', 'players-and-guests', 'operators', 'listed'], {
    description:
      'Who may use the route: everybody with an account; guests, too, which means anybody who can reach this proxy; the accounts in auth.operators; or those in accounts.',
    change: 'live',
    default: 'players',
  }),
  accounts: listOf(text({ expected: 'the name or id of an account', most: 64 }), {
    description: 'Names or ids of the accounts that allow: listed lets in; a guest only by id.',
    change: 'live',
    default: [],
    most: 10_000,
    of: 'accounts',
  }),
} as const;

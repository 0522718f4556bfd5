import { Type } from 'typebox';
import { duration } from '../keys/duration.ts';
import { listOf, section } from '../keys/groups.ts';
import { origin } from '../keys/origin.ts';
import { path } from '../keys/path.ts';
import { choice, text, whole, yesOrNo } from '../keys/plain.ts';
import { size } from '../keys/size.ts';
import { accessKeys, commonKeys } from './route-common.ts';

const hostName = {
  expected: 'a host name in small letters',
  pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$',
  most: 253,
};
const hostAndPort = {
  expected: 'a host, and a port where it is not the usual one',
  pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$',
  most: 260,
};
const pathPattern = '^/([A-Za-z0-9._~-]+/)*$';

export const httpRoute = section(
  'A route to HTTP and WebSocket servers, which browsers reach by a host name or a path.',
  {
    kind: choice(['http'], { description: 'http', change: 'live' }),
    ...commonKeys,
    ...accessKeys,
    host: Type.Optional(
      text({
        ...hostName,
        description:
          'The host name of the route: an origin of its own, which is the safe way for pages. The proxy needs a certificate for it.',
        change: 'live',
      }),
    ),
    path: Type.Optional(
      text({
        expected: 'a path that begins and ends with /, such as /chess/',
        pattern: '^/([A-Za-z0-9._~-]+/)+$',
        most: 128,
        description:
          'The path of the route, in place of a host name: its pages then share the origin of Castling’s own page, and are kept from it by a content policy.',
        change: 'live',
      }),
    ),
    entrance: Type.Optional(
      origin({
        description: 'The origin of Castling’s own page, for a route with a host name where one signs in.',
        change: 'live',
      }),
    ),
    upstreamPath: text({
      expected: 'a path that begins and ends with /',
      pattern: pathPattern,
      most: 128,
      description: 'What the upstream has in place of the route’s path.',
      change: 'live',
      default: '/',
    }),
    upstreamHost: Type.Optional(
      text({
        ...hostAndPort,
        description: 'The Host that the upstream is sent; its address when left out.',
        change: 'live',
      }),
    ),
    publicHost: Type.Optional(
      text({
        ...hostAndPort,
        description:
          'The host that the upstream is told that browsers use. What a request says is never told.',
        change: 'live',
      }),
    ),
    tls: yesOrNo({ description: 'Whether the upstream speaks TLS.', change: 'live', default: false }),
    ca: Type.Optional(
      path({
        description: 'Certificates in PEM form to check the upstream against, in place of the system’s.',
        change: 'live',
      }),
    ),
    signIn: choice(['required', 'public'], {
      description:
        'required: only who is signed in comes through, and the upstream is told by a signed pseudonym who it is. public: everybody, as nobody.',
      change: 'live',
      default: 'required',
    }),
    tellName: yesOrNo({
      description: 'Whether the upstream is told the display name beside the pseudonym.',
      change: 'live',
      default: false,
    }),
    requestFields: listOf(
      text({ expected: 'the name of a field in small letters', pattern: '^[a-z0-9-]+$', most: 64 }),
      {
        description:
          'Fields of requests that are passed on beside the usual ones. Answers are kept for each of their values apart.',
        change: 'live',
        default: [],
        most: 32,
        of: 'fields',
      },
    ),
    origins: listOf(origin(), {
      description:
        'Pages of these origins may open WebSockets here and change things, beside those of the route.',
      change: 'live',
      default: [],
      most: 64,
      of: 'origins',
    }),
    limits: section('How much may come and go, and how long it may take.', {
      requestBody: size({
        description: 'The body of a request.',
        change: 'live',
        default: '1MiB',
        least: '1B',
        most: '1GiB',
      }),
      responseBody: size({
        description: 'The body of an answer.',
        change: 'live',
        default: '64MiB',
        least: '1B',
        most: '8GiB',
      }),
      connect: time('For one attempt to connect to an upstream.', '5s', '1m'),
      firstByte: time('To the head of an answer.', '20s', '10m'),
      idle: time('Without a byte of an answer that has begun.', '25s', '1h'),
      total: time('For a request and its answer in all.', '5m', '1d'),
      requests: count('Requests under way at once, in each proxy process.', 2_000, 'requests'),
      requestsPerPlayer: count(
        'Requests of one player under way at once, in each proxy process; behind one address where nobody signs in.',
        64,
        'requests',
      ),
      webSockets: count('WebSockets at once, in each proxy process.', 4_000, 'WebSockets'),
      webSocketsPerPlayer: count('WebSockets of one player at once, in each proxy process.', 8, 'WebSockets'),
      webSocketIdle: time('A WebSocket through which nothing has gone for so long is closed.', '5m', '1d'),
      webSocketTotal: time('A WebSocket is closed after so long.', '12h', '20d'),
    }),
    cache: section('Answers that are kept, by RFC 9111.', {
      store: choice(['none', 'memory', 'sqlite'], {
        description:
          'Where answers are kept: nowhere, in each proxy process, or in a file of the data folder that all share and that outlives them.',
        change: 'live',
        default: 'none',
      }),
      size: size({
        description: 'All answers together.',
        change: 'live',
        default: '64MiB',
        least: '64KiB',
        most: '64GiB',
      }),
      bodySize: size({
        description: 'One body; a longer one is passed on and not kept.',
        change: 'live',
        default: '1MiB',
        least: '1KiB',
        most: '64MiB',
      }),
      guess: duration({
        description:
          'For so long at the most an answer is fresh that says only when it was last modified. 0s: nothing is guessed.',
        change: 'live',
        default: '5m',
        least: '0s',
        most: '1d',
      }),
      whenDown: duration({
        description:
          'For so long after it is stale an answer is used while no upstream can be reached, unless it forbids that.',
        change: 'live',
        default: '1m',
        least: '0s',
        most: '30d',
      }),
    }),
  },
);

function time(description: string, byDefault: string, most: string) {
  return duration({ description, change: 'live', default: byDefault, least: '10ms', most });
}

function count(description: string, byDefault: number, unit: string) {
  return whole({ description, change: 'live', default: byDefault, least: 1, most: 16_000, unit });
}

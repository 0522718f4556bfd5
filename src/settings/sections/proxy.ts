import { address } from '../keys/address.ts';
import { duration } from '../keys/duration.ts';
import { listOf, section } from '../keys/groups.ts';
import { origin } from '../keys/origin.ts';
import { port, text, wholeOrAuto } from '../keys/plain.ts';

export const proxy = section('The edge that players reach.', {
  host: text({
    description:
      'The address on which players are served; 0.0.0.0 stands for all of this machine, :: for those of IPv6, too.',
    expected: 'an address or name of this machine',
    most: 255,
    change: 'restart',
    default: '0.0.0.0',
    flag: '--host <address>',
  }),
  port: port({
    description: 'The port on which players are served, over TLS.',
    change: 'restart',
    default: 8443,
    flag: '--port <port>',
  }),
  adminPort: port({
    description: 'The port of /live, /ready, /metrics and /config, on 127.0.0.1 only.',
    change: 'restart',
    default: 9464,
    flag: '--admin-port <port>',
  }),
  workers: wholeOrAuto({
    description:
      'Processes that serve players; auto is one a core. Each takes about as much memory as the first.',
    least: 1,
    most: 256,
    change: 'live',
    default: 1,
    flag: '--workers <n>',
  }),
  ticketKeyLifetime: duration({
    description:
      'After this long the keys of TLS session tickets are changed; older tickets then count for nothing.',
    least: '1s',
    most: '12h',
    change: 'live',
    default: '12h',
  }),
  link: address({
    description: 'Where the game backend listens.',
    change: 'restart',
    derived: 'where backend.host and backend.port say, on this machine',
    flag: '--link <host:port>',
  }),
  origins: listOf(origin(), {
    description: 'Web pages of these origins may connect, beside those that this proxy serves.',
    change: 'live',
    default: [],
    most: 64,
    of: 'origins',
    flag: '--origin <origin>',
  }),
});

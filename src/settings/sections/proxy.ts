import { address } from '../keys/address.ts';
import { addressRange } from '../keys/address-range.ts';
import { duration } from '../keys/duration.ts';
import { listOf, section } from '../keys/groups.ts';
import { origin } from '../keys/origin.ts';
import { choice, port, text, wholeOrAuto } from '../keys/plain.ts';

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
      'Processes that serve players; auto is one a core. Each takes about as much memory as the first, and counts limits by itself.',
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
  trustedProxies: listOf(addressRange(), {
    description:
      'The load balancers and reverse proxies in front, which may say that a connection or a request is somebody else’s. Nobody else is believed.',
    change: 'live',
    default: [],
    most: 64,
    of: 'addresses or ranges',
  }),
  proxyProtocol: choice(['off', 'required'], {
    description:
      'Whether every connection begins with a header of the PROXY protocol (version 1 or 2), written by one of `proxy.trustedProxies`. Connections without one, or from elsewhere, are then refused.',
    change: 'live',
    default: 'off',
  }),
  forwardedField: choice(['none', 'x-forwarded-for', 'forwarded'], {
    description:
      'The header field in which `proxy.trustedProxies` name the client of a request. Choose the one that they write themselves: many pass the other one on as a stranger wrote it.',
    change: 'live',
    default: 'none',
  }),
});

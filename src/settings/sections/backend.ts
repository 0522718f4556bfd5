import { Type } from 'typebox';
import { section } from '../keys/groups.ts';
import { path } from '../keys/path.ts';
import { port, text, whole } from '../keys/plain.ts';
import { storeUrl } from './store-url.ts';

export const backend = section('The game backend: rules, matches and their log.', {
  host: text({
    description: 'The address on which proxies are served.',
    expected: 'an address or name of this machine',
    most: 255,
    change: 'restart',
    default: '127.0.0.1',
    flag: '--link-host <address>',
  }),
  port: port({
    description: 'The port on which proxies are served, over TLS with certificates on both sides.',
    change: 'restart',
    default: 7878,
    flag: '--link-port <port>',
  }),
  count: whole({
    description:
      'Backends that `castling start` runs side by side, on this port and the next ones. They share the matches, and take over those of one that dies.',
    least: 1,
    most: 64,
    unit: 'backends',
    change: 'restart',
    default: 1,
    flag: '--backends <n>',
  }),
  store: storeUrl({
    description: 'The database of matches.',
    derived: 'sqlite:game.db in the data folder',
    flag: '--game-store <url>',
  }),
  revocations: Type.Optional(
    path({
      description: 'Certificates of proxies that are no longer let in: a revocation list (CRL) in PEM form.',
      change: 'restart',
      flag: '--link-crl <file>',
    }),
  ),
});

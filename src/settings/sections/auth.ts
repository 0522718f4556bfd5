import { Type } from 'typebox';
import { duration } from '../keys/duration.ts';
import { listOf, section } from '../keys/groups.ts';
import { path } from '../keys/path.ts';
import { text, whole, yesOrNo } from '../keys/plain.ts';
import { storeUrl } from './store-url.ts';

export const auth = section('Accounts, passwords, tokens and sessions.', {
  store: storeUrl({
    description: 'The database of accounts.',
    derived: 'sqlite:auth.db in the data folder',
    flag: '--auth-store <url>',
  }),
  keyEncryptionFile: Type.Optional(
    path({
      description: 'A file of 32 bytes or more that encrypts the signing keys in the database of accounts.',
      change: 'restart',
      flag: '--key-encryption-file <file>',
    }),
  ),
  accessTokenLifetime: duration({
    description: 'How long an access token is good for; the shorter, the oftener players’ programs refresh.',
    change: 'restart',
    default: '10m',
    least: '1s',
    most: '10m',
  }),
  passwords: section('What a new password must be.', {
    minimumLength: whole({
      description: 'The fewest characters of a new password (NIST SP 800-63B-4 asks for 8 at least).',
      change: 'restart',
      default: 8,
      least: 8,
      most: 128,
      unit: 'characters',
    }),
  }),
  guests: section('Players without an account, who may make one of it later.', {
    allowed: yesOrNo({
      description: 'Whether anybody may play at once as a guest, without a password.',
      change: 'live',
      default: true,
    }),
    keptFor: duration({
      description:
        'A guest who has not been seen for so long is deleted; until then the program that it plays with gets back in.',
      change: 'live',
      default: '14d',
      least: '1h',
      most: '365d',
    }),
    perAddressAnHour: whole({
      description:
        'New guests of one address within an hour; a wide network (IPv6 /48) may have four times as many. A school is one address.',
      change: 'live',
      default: 60,
      least: 1,
      most: 100_000,
      unit: 'guests',
    }),
    perAddress: whole({
      description:
        'Guests of one address that are kept at the same time; of a wide network four times as many.',
      change: 'live',
      default: 300,
      least: 1,
      most: 1_000_000,
      unit: 'guests',
    }),
  }),
  passkeyDomain: Type.Optional(
    text({
      description:
        'The domain that passkeys are for, where players reach this server by several names under it; left out, each name has passkeys of its own. Changing it makes all passkeys useless.',
      change: 'restart',
      expected: 'a domain in lower case, such as example.org',
      most: 253,
      pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$',
    }),
  ),
  sessions: section('How long a sign-in lasts.', {
    idleLifetime: duration({
      description: 'A session that is not used for so long ends.',
      change: 'restart',
      default: '30d',
      least: '1m',
      most: '365d',
    }),
    lifetime: duration({
      description: 'A session ends after so long however much it is used.',
      change: 'restart',
      default: '180d',
      least: '1m',
      most: '3650d',
    }),
    perPlayer: whole({
      description: 'Sessions of one player; a further sign-in ends the one unused for longest.',
      change: 'restart',
      default: 32,
      least: 1,
      most: 1_000,
      unit: 'sessions',
    }),
    refreshGrace: duration({
      description:
        'For so long after its use a refresh token gives the same answer again, for tabs that refresh at once; later it ends the session.',
      change: 'restart',
      default: '5s',
      least: '0s',
      most: '60s',
    }),
  }),
  operators: listOf(text({ expected: 'the name or id of an account', most: 64 }), {
    description: 'Names or ids of the accounts that a route with allow: operators lets in.',
    change: 'live',
    default: [],
    most: 1_000,
    of: 'accounts',
  }),
});

import { Type } from 'typebox';
import { duration } from '../keys/duration.ts';
import { listOf, section } from '../keys/groups.ts';
import { path } from '../keys/path.ts';
import { fraction, text, whole, yesOrNo } from '../keys/plain.ts';
import { issuers } from './issuers.ts';
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
    description:
      'How long an access token is good for; the shorter, the oftener players’ programs refresh. One that claims a longer life is refused.',
    change: 'restart',
    default: '10m',
    least: '1s',
    most: '10m',
  }),
  passwords: section('What a new password must be.', {
    minimumLength: whole({
      description: 'The fewest characters of a new password (NIST SP 800-63B-4 asks for 8 at least).',
      change: 'live',
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
  hashing: section(
    'How much of the machine passwords may take, so that a flood of sign-ins does not slow players down.',
    {
      atOnce: whole({
        description:
          'Passwords that are hashed at once in each worker; each takes one of Node’s four threads, and some 20 to 100 MB.',
        change: 'live',
        default: 2,
        least: 1,
        most: 3,
        unit: 'passwords',
      }),
      waiting: whole({
        description: 'Sign-ins that may wait for their turn; the next one is told to come back later.',
        change: 'live',
        default: 64,
        least: 0,
        most: 10_000,
        unit: 'sign-ins',
      }),
    },
  ),
  sessions: section('How long a sign-in lasts. What was promised to sessions that there are is kept.', {
    idleLifetime: duration({
      description: 'A session that is not used for so long ends.',
      change: 'live',
      default: '30d',
      least: '1m',
      most: '365d',
    }),
    lifetime: duration({
      description: 'A session ends after so long however much it is used.',
      change: 'live',
      default: '180d',
      least: '1m',
      most: '3650d',
    }),
    perPlayer: whole({
      description: 'Sessions of one player; a further sign-in ends the one unused for longest.',
      change: 'live',
      default: 32,
      least: 1,
      most: 1_000,
      unit: 'sessions',
    }),
    refreshGrace: duration({
      description:
        'For so long after its use a refresh token gives the same answer again, for tabs that refresh at once; later it ends the session.',
      change: 'live',
      default: '5s',
      least: '0s',
      most: '60s',
    }),
  }),
  issuers,
  operators: listOf(text({ expected: 'the name or id of an account', most: 64 }), {
    description: 'Names or ids of the accounts that a route with allow: operators lets in.',
    change: 'live',
    default: [],
    most: 1_000,
    of: 'accounts',
  }),
  guessing: section('What somebody meets who tries passwords.', {
    freeTries: whole({
      description: 'Wrong tries in a row on one account before pauses begin.',
      change: 'live',
      default: 10,
      least: 1,
      most: 100,
      unit: 'tries',
    }),
    firstPause: duration({
      description: 'The first pause; each further wrong try doubles it.',
      change: 'live',
      default: '30s',
      least: '1s',
      most: '1h',
    }),
    longestPause: duration({
      description: 'No pause is longer.',
      change: 'live',
      default: '1h',
      least: '1s',
      most: '1d',
    }),
    mostTries: whole({
      description:
        'Wrong tries in a row after which only a known device, a recovery code or an operator helps (NIST SP 800-63B-4: 100 at most).',
      change: 'live',
      default: 100,
      least: 5,
      most: 100,
      unit: 'tries',
    }),
    siteTries: whole({
      description:
        'Wrong tries that one site (an IPv4 address, an IPv6 /64) may make at once: a school behind one address mistypes a lot.',
      change: 'live',
      default: 100,
      least: 5,
      most: 100_000,
      unit: 'tries',
    }),
    wideTries: whole({
      description: 'The same for a wide network (an IPv6 /48).',
      change: 'live',
      default: 400,
      least: 5,
      most: 1_000_000,
      unit: 'tries',
    }),
    refill: duration({
      description: 'After each such time a network has one try more.',
      change: 'live',
      default: '12s',
      least: '1s',
      most: '1h',
    }),
    alarmNames: whole({
      description:
        'Names with a wrong try, within the window, from which on somebody is taken to try a list of them.',
      change: 'live',
      default: 150,
      least: 10,
      most: 1_000_000,
      unit: 'names',
    }),
    alarmWindow: duration({
      description: 'The window for the alarm.',
      change: 'live',
      default: '10m',
      least: '1m',
      most: '1d',
    }),
    alarmShare: fraction({
      description: 'What part of a network’s tries is left during an alarm.',
      change: 'live',
      default: 0.05,
      least: 0.001,
      most: 1,
    }),
  }),
});

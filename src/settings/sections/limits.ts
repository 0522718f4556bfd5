import { limits as agreed } from '../../protocol/limits.ts';
import { section } from '../keys/groups.ts';
import { fraction, whole } from '../keys/plain.ts';
import { size, writeSize } from '../keys/size.ts';
import { limitDefaults } from './limit-defaults.ts';

interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

const { session, account, address, refused } = limitDefaults;

export const limits = section(
  'How much anybody may ask of the proxy; each worker counts for itself. Rates are budgets that refill steadily. A legal move of the player whose turn it is passes all of them.',
  {
    session: sender('one session, all its sockets together', session),
    account: sender('one player, all sessions together', account),
    address: section(
      'One IPv4 address, or one IPv6 /64. Whatever has a `base` and a `perAccount` grows with the accounts signed in behind the address, so that a school is more than a stranger.',
      {
        connections: growingCount('TCP connections at once', address.connections),
        strangers: growingCount('TCP connections at once on which nobody has signed in', address.strangers),
        handshakes: growing('New TCP connections, each of which costs a TLS handshake', {
          unit: 'connections',
          ...address.handshakes,
        }),
        requests: growing('HTTP requests', { unit: 'requests', ...address.requests }),
        messages: growing(
          'Messages of signed-in sockets. `perAccount` is each account’s own, which nobody else can use up; `base` is there for all',
          { unit: 'messages', ...address.messages },
        ),
        bytes: section('The bytes of these messages, in the same way.', {
          base: bytes('All behind the address', address.bytes.base),
          perAccount: bytes('Each account', address.bytes.perAccount),
        }),
        mostAccounts: whole({
          description: 'Accounts that make the budgets of one address grow; more do not.',
          change: 'live',
          default: address.mostAccounts,
          least: 0,
          most: 100_000,
          unit: 'accounts',
        }),
      },
    ),
    refused: rate(
      'Messages of one session that may be refused because a budget is spent; more are a flood, and the socket closes.',
      { unit: 'messages', ...refused },
    ),
  },
);

function sender(
  whose: string,
  defaults: { readonly sockets: number; readonly messages: Rate; readonly bytes: Rate },
) {
  return section(`What ${whose}, may send.`, {
    sockets: whole({
      description: 'WebSockets at once.',
      change: 'live',
      default: defaults.sockets,
      least: 1,
      most: 10_000,
      unit: 'sockets',
    }),
    messages: rate('Messages.', { unit: 'messages', ...defaults.messages }),
    bytes: bytes('The bytes of these messages', defaults.bytes),
  });
}

function growingCount(what: string, defaults: { readonly base: number; readonly perAccount: number }) {
  return section(`${what}.`, {
    base: whole({
      description: 'For the address itself.',
      change: 'live',
      default: defaults.base,
      least: 1,
      most: 100_000,
      unit: 'connections',
    }),
    perAccount: whole({
      description: 'More for each account that is signed in there.',
      change: 'live',
      default: defaults.perAccount,
      least: 0,
      most: 1_000,
      unit: 'connections',
    }),
  });
}

function growing(
  what: string,
  { unit, base, perAccount }: { readonly unit: string; readonly base: Rate; readonly perAccount: Rate },
) {
  return section(`${what}.`, {
    base: rate('For the address itself.', { unit, ...base }),
    perAccount: rate('More for each account that is signed in there.', { unit, ...perAccount }),
  });
}

function rate(what: string, { unit, perSecond, burst }: Rate & { readonly unit: string }) {
  return section(what, {
    perSecond: fraction({
      description: 'On and on, in each second.',
      change: 'live',
      default: perSecond,
      least: 0.1,
      most: 100_000,
      unit,
    }),
    burst: whole({
      description: 'At once, after a rest.',
      change: 'live',
      default: burst,
      least: 1,
      most: 1_000_000,
      unit,
    }),
  });
}

/** The burst holds one message of the largest size at least: a smaller one would never let it through. */
function bytes(what: string, { perSecond, burst }: Rate) {
  return section(`${what}.`, {
    perSecond: size({
      description: 'On and on, in each second.',
      change: 'live',
      default: writeSize(perSecond),
      least: '1KiB',
      most: '1GiB',
    }),
    burst: size({
      description: 'At once, after a rest.',
      change: 'live',
      default: writeSize(burst),
      least: writeSize(agreed.messageBytes),
      most: '1GiB',
    }),
  });
}

import { section } from '../keys/groups.ts';
import { fraction, whole } from '../keys/plain.ts';

export const limits = section('How much anybody may ask of the proxy.', {
  rates: section('Messages, in buckets that refill at a steady rate.', {
    session: bucket('one session, all its sockets together', { perSecond: 30, burst: 60 }),
    account: bucket('one player, all sessions together', { perSecond: 60, burst: 120 }),
    floodAfter: whole({
      description: 'So many refused messages without a rest close the socket.',
      change: 'live',
      default: 300,
      least: 1,
      most: 1_000_000,
      unit: 'messages',
    }),
  }),
});

function bucket(whose: string, rate: { readonly perSecond: number; readonly burst: number }) {
  return section(`Messages of ${whose}.`, {
    perSecond: fraction({
      description: 'Messages that may be sent on and on in each second.',
      change: 'live',
      default: rate.perSecond,
      least: 0.1,
      most: 100_000,
      unit: 'messages',
    }),
    burst: whole({
      description: 'Messages that may be sent at once after a rest.',
      change: 'live',
      default: rate.burst,
      least: 1,
      most: 1_000_000,
      unit: 'messages',
    }),
  });
}

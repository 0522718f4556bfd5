const kibibyte = 1024;

/** Room for a school behind one address, and far below what one machine can serve. Rates are a second; bytes in bytes. */
export const limitDefaults = {
  session: {
    sockets: 32,
    messages: { perSecond: 30, burst: 60 },
    bytes: { perSecond: 64 * kibibyte, burst: 256 * kibibyte },
  },
  account: {
    sockets: 64,
    messages: { perSecond: 60, burst: 120 },
    bytes: { perSecond: 128 * kibibyte, burst: 512 * kibibyte },
  },
  address: {
    connections: { base: 512, perAccount: 16 },
    strangers: { base: 256, perAccount: 4 },
    handshakes: { base: { perSecond: 100, burst: 1_000 }, perAccount: { perSecond: 2, burst: 20 } },
    requests: { base: { perSecond: 100, burst: 1_000 }, perAccount: { perSecond: 5, burst: 50 } },
    messages: { base: { perSecond: 100, burst: 400 }, perAccount: { perSecond: 20, burst: 60 } },
    bytes: {
      base: { perSecond: 256 * kibibyte, burst: 1024 * kibibyte },
      perAccount: { perSecond: 32 * kibibyte, burst: 128 * kibibyte },
    },
    mostAccounts: 1_000,
  },
  refused: { perSecond: 10, burst: 300 },
} as const;

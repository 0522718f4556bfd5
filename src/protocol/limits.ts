/**
 * What both sides agree on as the largest, longest and most. Every one is finite, and checked before anything is
 * buffered. Operators may lower some of them by settings; nobody may raise them beyond these.
 */
export const limits = {
  /** Bytes of one player message, all fragments together. */
  messageBytes: 16 * 1024,
  /** Fragments of one WebSocket message. */
  messageFragments: 16,
  /** Levels of arrays and objects inside one player message. */
  jsonDepth: 12,
  /** Characters of one number literal in a player message. */
  jsonNumberLength: 32,
  /** Properties and items, together, in one player message. */
  jsonItems: 1024,
  /** Milliseconds from the upgrade to a valid `session.open`. */
  signInMs: 10_000,
  /** Milliseconds before expiry at which `session.expiring` is sent; at half its life for a token that lives for less. */
  expiringNoticeMs: 60_000,
  /** Commands of one socket that may wait for an answer at once. */
  commandsInFlight: 16,
  /** Matches that one socket may follow at once. */
  followedMatches: 64,
  /** Bytes that may wait in one socket's outbound queue before it counts as a slow consumer. */
  outboundBytes: 1024 * 1024,
  /** Bytes of one access token in compact form. */
  tokenBytes: 8192,
  /** Bytes of one proof of possession in compact form. */
  proofBytes: 4096,
  /** Bytes of one link frame, header included. */
  frameBytes: 1024 * 1024,
  /** Requests that one link connection may have unanswered, unless the backend's hello says fewer. */
  linkInFlight: 4096,
  /** Channels (signed-in sockets) of one link connection. */
  linkChannels: 65_536,
  /** Subscriptions of one link connection. */
  linkSubscriptions: 131_072,
  /** Milliseconds between link heartbeats, and of silence after which the link counts as dead. */
  linkHeartbeatMs: 2_000,
  linkSilenceMs: 6_000,
  /** Events given to one resume; a longer gap is answered by a snapshot. */
  resumeEvents: 1_000,
  /** Events in one match's log. */
  matchEvents: 10_000,
  /** Matches in one answer of `match.list`. */
  listItems: 100,
  /** Matches not yet over in which one player may hold a seat. */
  openMatchesPerPlayer: 64,
  /** Players who may wait in the lobby for one game. */
  lobbyWaiting: 10_000,
  /** Bytes of one move. */
  moveBytes: 1024,
} as const;

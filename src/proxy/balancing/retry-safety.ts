/**
 * Whether something that failed may be tried again elsewhere. Whoever sends to an upstream says which; nothing else can
 * make an attempt repeatable, and `Search.again` takes only what is.
 */
export type RetrySafety =
  /** The upstream provably did nothing with it: no connection came about, or it said so before it read anything. */
  | 'did-not-run'
  /** It carries the client's command id: a second time gives the first answer. */
  | 'has-command-id'
  /** A safe method of HTTP (RFC 9110 section 9.2.1), and no byte of an answer had come: an idle connection closed as it was used. */
  | 'asks-for-nothing-done'
  /** None of these. Trying again might make it happen twice. */
  | 'may-have-run';

export type Repeatable = Exclude<RetrySafety, 'may-have-run'>;

export function isRepeatable(safety: RetrySafety): safety is Repeatable {
  return safety !== 'may-have-run';
}

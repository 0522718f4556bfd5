/**
 * Says whether what players and spectators saw can have come from one log that lost nothing and did nothing
 * twice. The history is written down by the ones who play, with a clock of one process; the log is read at
 * the end, when all is quiet.
 */

export type HistoryEntry =
  /** A command was sent. `id` is unique in the whole history. */
  | { readonly kind: 'invoke'; readonly id: string; readonly at: number }
  /** It was acknowledged as the event of `match` at `seq`. */
  | {
      readonly kind: 'ok';
      readonly id: string;
      readonly match: string;
      readonly seq: number;
      readonly at: number;
    }
  /** It was refused. */
  | { readonly kind: 'fail'; readonly id: string; readonly at: number };
// A command without `ok` or `fail` may have happened or not.

export interface SeenEvent {
  readonly seq: number;
  /** The command behind it, if one was. */
  readonly id?: string | undefined;
  /** The event as it was shown. */
  readonly text?: string | undefined;
}

export interface Observation {
  readonly observer: string;
  readonly match: string;
  /** In the order in which they came. */
  readonly events: readonly SeenEvent[];
}

export interface History {
  readonly entries: readonly HistoryEntry[];
  readonly observations: readonly Observation[];
  /** The final log of every match. */
  readonly log: ReadonlyMap<string, readonly SeenEvent[]>;
}

export type Fault =
  | 'lost'
  | 'duplicated'
  | 'gap'
  | 'misplaced'
  | 'reordered'
  | 'forked'
  | 'phantom'
  | 'refused but happened';

export interface Finding {
  readonly fault: Fault;
  readonly detail: string;
}

/** Every breach of the promises; none for a good history. */
export function checkHistory(history: History): Finding[] {
  return [
    ...gaps(history),
    ...acknowledged(history),
    ...phantoms(history),
    ...order(history),
    ...observers(history),
  ];
}

function gaps({ log }: History): Finding[] {
  return [...log].flatMap(([match, events]) => {
    const wrong = events.findIndex(({ seq }, index) => seq !== index + 1);
    return wrong === -1
      ? []
      : [finding('gap', `${match}: ${events[wrong]?.seq} stands at place ${wrong + 1}`)];
  });
}

/**
 * Each acknowledged command is in the log exactly once, at the place that was acknowledged; each unknown one
 * at most once.
 */
function acknowledged({ entries, log }: History): Finding[] {
  const places = new Map<string, number[]>();
  for (const events of log.values()) {
    for (const { id, seq } of events) if (id !== undefined) places.set(id, [...(places.get(id) ?? []), seq]);
  }
  const findings: Finding[] = [];
  for (const [id, seqs] of places) {
    if (seqs.length > 1) findings.push(finding('duplicated', `${id} is in the log at ${seqs.join(' and ')}`));
  }
  for (const entry of entries) {
    const seqs = places.get(entry.id) ?? [];
    if (entry.kind === 'ok' && seqs.length === 0)
      findings.push(finding('lost', `${entry.id} was acknowledged`));
    if (entry.kind === 'ok' && seqs.length === 1 && seqs[0] !== entry.seq) {
      findings.push(
        finding('misplaced', `${entry.id} was acknowledged at ${entry.seq} and is at ${seqs[0]}`),
      );
    }
    if (entry.kind === 'fail' && seqs.length > 0) findings.push(finding('refused but happened', entry.id));
  }
  return findings;
}

function phantoms({ entries, log, observations }: History): Finding[] {
  const invoked = new Set(entries.filter(({ kind }) => kind === 'invoke').map(({ id }) => id));
  const shown = [...[...log.values()].flat(), ...observations.flatMap(({ events }) => events)];
  const unknown = new Set(shown.map(({ id }) => id).filter((id) => id !== undefined && !invoked.has(id)));
  return [...unknown].map((id) => finding('phantom', `${id} was never sent`));
}

/** What was acknowledged before another command was sent stands before it. */
function order({ entries }: History): Finding[] {
  const findings: Finding[] = [];
  const invokedAt = new Map<string, number>();
  for (const { kind, id, at } of entries) if (kind === 'invoke') invokedAt.set(id, at);
  const oks = entries.filter((entry) => entry.kind === 'ok');
  for (const [match, done] of Map.groupBy(oks, (ok) => ok.match)) {
    for (const first of done) {
      for (const second of done) {
        const sent = invokedAt.get(second.id) ?? Number.NEGATIVE_INFINITY;
        if (first.at < sent && first.seq >= second.seq) {
          findings.push(finding('reordered', `${match}: ${first.id} was done before ${second.id} was sent`));
        }
      }
    }
  }
  return findings;
}

/**
 * What each observer saw, in the order of seeing, is a stretch of the log without a hole, and says the same.
 */
function observers({ observations, log }: History): Finding[] {
  return observations.flatMap(({ observer, match, events }) => {
    const truth = log.get(match) ?? [];
    for (const [index, seen] of events.entries()) {
      const before = events[index - 1];
      if (before !== undefined && seen.seq !== before.seq + 1) {
        const fault = seen.seq <= before.seq ? 'duplicated' : 'gap';
        return [finding(fault, `${observer} of ${match} saw ${seen.seq} after ${before.seq}`)];
      }
      const real = truth[seen.seq - 1];
      if (real === undefined)
        return [finding('lost', `${observer} of ${match} saw ${seen.seq}, which is not there`)];
      const differs = real.id !== seen.id || (real.text ?? seen.text) !== (seen.text ?? real.text);
      if (differs) return [finding('forked', `${observer} of ${match} saw another event at ${seen.seq}`)];
    }
    return [];
  });
}

function finding(fault: Fault, detail: string): Finding {
  return { fault, detail };
}

import type { PolicySettings } from '../policy.ts';
import { Replay, type ReplayOutcome } from './replay.ts';
import { misfit, type TrafficRecord } from './traffic-record.ts';

/** What one rule does differently. */
export interface RuleChange {
  readonly rule: string;
  /** Things that passed before and this rule now refuses, and things that it refused and that now pass. */
  newlyRefused: number;
  newlyAdmitted: number;
  /** What a shadow would have refused, were it not one. */
  shadowed: number;
  /** The first few, in words, each with its request id where it had one. */
  readonly examples: string[];
}

/** Examples of each rule. */
const mostExamples = 3;

/** Shows recorded traffic of one process to two policies, and tells what differs. */
export class PolicyComparison {
  readonly #before: Replay;
  readonly #after: Replay;
  readonly #changes = new Map<string, RuleChange>();
  /** Whose connection it was, for the examples. */
  readonly #addresses = new Map<number, string>();
  /** Examples of a connection whose request id may come next. */
  readonly #unnamed = new Map<number, { readonly examples: string[]; readonly index: number }[]>();
  #records = 0;
  #cut = 0;

  constructor(before: PolicySettings, after: PolicySettings) {
    this.#before = new Replay(before);
    this.#after = new Replay(after);
  }

  /** The settings changed while the traffic was recorded. */
  changeBefore(settings: PolicySettings): void {
    this.#before.use(settings);
  }

  get records(): number {
    return this.#records;
  }

  /** Records that would not have come, since their connection had been refused or closed. */
  get cut(): number {
    return this.#cut;
  }

  get changes(): readonly RuleChange[] {
    return [...this.#changes.values()];
  }

  /** Records in the order of their time. */
  take(record: TrafficRecord): void {
    if (record.e === 'id') {
      this.#name(record.c, record.i);
      return;
    }
    if (record.e !== 'lost') this.#unnamed.delete(record.c);
    this.#records += 1;
    if (record.e === 'connect') this.#addresses.set(record.c, record.a);
    const before = this.#before.take(record);
    const after = this.#after.take(record);
    for (const rule of after.shadows) this.#change(rule, record, 'shadowed');
    if (after.kind === 'cut' && before.kind === 'admitted') this.#cut += 1;
    else this.#compare(record, before, after);
    if (record.e === 'end') this.#addresses.delete(record.c);
  }

  #compare(record: Exclude<TrafficRecord, { e: 'id' }>, before: ReplayOutcome, after: ReplayOutcome): void {
    if (before.kind === 'admitted' && after.kind === 'refused') {
      this.#change(after.rule, record, 'newlyRefused');
    } else if (before.kind === 'refused' && after.kind === 'admitted') {
      this.#change(before.rule, record, 'newlyAdmitted');
    }
  }

  #change(
    rule = 'unnamed',
    record: Exclude<TrafficRecord, { e: 'id' }>,
    what: 'newlyRefused' | 'newlyAdmitted' | 'shadowed',
  ): void {
    const change = this.#changes.get(rule) ?? {
      rule,
      newlyRefused: 0,
      newlyAdmitted: 0,
      shadowed: 0,
      examples: [],
    };
    this.#changes.set(rule, change);
    change[what] += 1;
    if (change.examples.length >= mostExamples) return;
    const index = change.examples.push(this.#inWords(record)) - 1;
    if (record.e === 'lost') return;
    const unnamed = this.#unnamed.get(record.c) ?? [];
    this.#unnamed.set(record.c, unnamed);
    unnamed.push({ examples: change.examples, index });
  }

  #name(connection: number, requestId: string): void {
    for (const { examples, index } of this.#unnamed.get(connection) ?? [])
      examples[index] += `, ${requestId}`;
    this.#unnamed.delete(connection);
  }

  #inWords(record: Exclude<TrafficRecord, { e: 'id' }>): string {
    const at = `at ${(record.t / 1_000).toFixed(1)} s`;
    if (record.e === 'lost') return at;
    return `${whatOf(record)} from ${this.#addresses.get(record.c) ?? 'an unknown address'} ${at}`;
  }
}

function whatOf(record: Exclude<TrafficRecord, { e: 'lost' | 'id' }>): string {
  switch (record.e) {
    case 'connect':
      return 'a connection';
    case 'request':
      return record.k;
    case 'message':
      return record.k === misfit ? 'a message that fits no method' : record.k;
    case 'signIn':
      return 'a sign-in';
    case 'control':
      return 'a ping';
    default:
      return record.e;
  }
}

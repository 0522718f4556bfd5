/**
 * A shared cache by RFC 9111, for one proxy process.
 *
 * ```
 *   request ─▶ look ─┬─ nothing stored ──▶ one fill leads, others like it wait ──▶ passed on and kept
 *                    ├─ fresh ───────────▶ given
 *                    ├─ stale, in window ▶ given, and a fill refreshes it
 *                    └─ stale ───────────▶ one fill validates it, others wait ──▶ 304: given · 200: passed on and kept
 *   unsafe method ─▶ passed on; when it succeeds, what it may have changed is forgotten
 * ```
 */
import { BoundedCache } from '../../../../process/bounded-cache.ts';
import type { Receiver, ResponseHead } from '../exchange.ts';
import { fieldValue } from '../fields.ts';
import type { CacheAsk, CacheParts, CacheResult } from './cache-ask.ts';
import { type CacheStatus, type Forwarded, faultWithCacheStatus, withCacheStatus } from './cache-status.ts';
import { giveStored } from './cached-answer.ts';
import { Fill, type FillOptions } from './fill.ts';
import { Flight, type Landing } from './flights.ts';
import { dated, endToEnd, freshened } from './freshen.ts';
import { type Judgement, judge, requestDirectives, type StalePolicy } from './judge.ts';
import { agrees, upstreamConditions } from './preconditions.ts';
import { RecordingBudget } from './recording.ts';
import { select } from './selecting.ts';
import {
  type CacheAddress,
  type CacheBounds,
  type CacheStore,
  isSameSelection,
  type StoredResponse,
} from './stored-response.ts';

export interface HttpCacheOptions {
  readonly store: CacheStore;
  readonly bounds: CacheBounds;
  readonly policy: StalePolicy;
  /** Milliseconds for which a request waits for another one's answer. */
  readonly patienceMs: number;
  /** Unix milliseconds. */
  readonly now?: () => number;
  readonly onResult?: (route: string, result: CacheResult) => void;
  /** Told of what an unsafe request may have changed, for caches beside this one. */
  readonly onOutdated?: (answers: Outdated) => void;
}

/** Answers that may say what is so no longer, by the targets of their requests. */
export interface Outdated {
  readonly route: string;
  readonly targets: readonly string[];
}

/** Bodies on their way into the store hold this share of its bytes at most. */
const recordingShare = 0.25;
/** Addresses remembered as not worth waiting for, and for how long (milliseconds). */
const aloneMost = 10_000;
const aloneMs = 60_000;
/** Milliseconds that a request waits for another's answer at the most: it may be one that the upstream holds back on purpose. */
const patienceMostMs = 5_000;
/** Rounds of waiting for others before a request goes alone: what came may not have been for it. */
const roundsMost = 3;

export class HttpCache {
  readonly #parts: CacheParts;
  readonly #patienceMs: number;
  readonly #onOutdated: (answers: Outdated) => void;
  readonly #flights = new Map<string, Flight>();
  /** Under way, by address: what is changed or purged meanwhile must not be kept. */
  readonly #fills = new Map<string, Set<Fill>>();
  /** Until when, by flight. */
  readonly #alone = new BoundedCache<string, number>(aloneMost);

  constructor({ store, bounds, policy, patienceMs, now = Date.now, ...options }: HttpCacheOptions) {
    const { onResult, onOutdated = () => {} } = options;
    this.#onOutdated = onOutdated;
    this.#patienceMs = Math.min(patienceMs, patienceMostMs);
    this.#parts = {
      store,
      bounds,
      policy,
      now,
      budget: new RecordingBudget(Math.max(bounds.bodyBytes, bounds.bytes * recordingShare)),
      count: (ask, result) => onResult?.(ask.address.route, result),
      notKept: (ask) => this.#goesAlone(flightKey(ask)),
    };
  }

  /** Answers a request from the store, from the upstream, or both. */
  serve(ask: CacheAsk): void {
    if (ask.method !== 'GET' && ask.method !== 'HEAD') {
      this.#pass(ask, 'method');
    } else if (upstreamConditions.some((name) => ask.fields[name] !== undefined)) {
      this.#pass(ask, 'request');
    } else this.#look(ask, 0);
  }

  /** What is kept for these targets, or under way, is out of date. */
  forget({ route, targets }: Outdated): void {
    for (const target of targets) {
      const gone = { route, target };
      this.#spoil((key) => key === addressKey(gone));
      this.#parts.store.delete(gone);
    }
  }

  /** Forgets all answers of a route whose target begins so; gives how many. */
  purge(route: string, prefix: string): number {
    this.#spoil((key) => key.startsWith(`${route} ${prefix}`));
    return this.#parts.store.purge(route, prefix);
  }

  // ---- from the store

  #look(ask: CacheAsk, round: number): void {
    const { store, now, policy } = this.#parts;
    const listed = store.list(ask.address);
    const stored = select(listed, ask);
    if (stored === undefined) {
      this.#missing(ask, { why: listed.length > 0 ? 'vary-miss' : 'uri-miss', round });
      return;
    }
    const judgement = judge(stored.head, requestDirectives(ask.fields), {
      now: now(),
      isGuessable: !ask.hasQuery,
      policy,
    });
    const { verdict, detail } = judgement;
    if (verdict === 'validate') this.#validate(ask, { stored, judgement, round });
    else if (
      !this.#give(ask, {
        stored,
        judgement,
        status: { hit: true, ...collapsed(round), ...(detail && { detail }) },
      })
    ) {
      this.#missing(ask, { why: 'miss', round });
    } else {
      this.#parts.count(ask, round > 0 ? 'collapsed' : detail === undefined ? 'hit' : 'stale');
      if (verdict === 'use-and-refresh') this.#refresh(ask, { stored, judgement });
    }
  }

  /** False when the answer has gone meanwhile. */
  #give(ask: CacheAsk, { stored, judgement, status }: Found & { readonly status: CacheStatus }): boolean {
    const body = stored.body();
    if (body === undefined) return false;
    giveStored(ask.answer, {
      method: ask.method,
      request: ask.fields,
      head: stored.head,
      body,
      age: judgement.age,
      status: { ...status, ttl: judgement.ttl },
    });
    return true;
  }

  // ---- from the upstream

  #missing(ask: CacheAsk, { why, round }: { readonly why: Forwarded; readonly round: number }): void {
    if (this.#refusesToAsk(ask)) return;
    const isForPart = ask.fields.range !== undefined;
    if (ask.method === 'HEAD') this.#pass(ask, why);
    else if (isForPart) this.#fill(ask, { forwarded: why, isWhole: false });
    else this.#joinOrLead(ask, { round, forwarded: why });
  }

  #validate(ask: CacheAsk, { stored, judgement, round }: Found & { readonly round: number }): void {
    if (this.#refusesToAsk(ask)) return;
    const forwarded = judgement.ttl > 0 ? 'request' : 'stale';
    if (ask.method === 'HEAD') this.#validateByHead(ask, stored, forwarded);
    else if (judgement.isNeverFresh || forwarded === 'request') {
      this.#fill(ask, { forwarded, isWhole: true, stored: { response: stored, judgement } });
    } else {
      this.#joinOrLead(ask, { round, forwarded, stored: { response: stored, judgement } });
    }
  }

  #refresh(ask: CacheAsk, { stored, judgement }: Found): void {
    const key = flightKey(ask);
    if (ask.method !== 'GET' || this.#flights.has(key)) return;
    this.#fill(ask, {
      forwarded: 'stale',
      isWhole: true,
      stored: { response: stored, judgement },
      flight: this.#newFlight(key),
      answer: undefined,
    });
  }

  #joinOrLead(
    ask: CacheAsk,
    options: {
      readonly round: number;
      readonly forwarded: Forwarded;
      readonly stored?: FillOptions['stored'];
    },
  ): void {
    const { round, forwarded, stored } = options;
    const key = flightKey(ask);
    const common = { forwarded, ...(stored && { stored }) };
    if (round >= roundsMost || this.#isAlone(key)) {
      // Nothing was kept the last time: what the client has already is the upstream's to judge.
      this.#fill(ask, { ...common, isWhole: stored !== undefined });
      return;
    }
    const flight = this.#flights.get(key);
    const stop = flight?.wait(this.#patienceMs, (landing) => this.#landed(ask, { landing, round, common }));
    if (stop !== undefined) ask.answer.whenGone(stop);
    else if (flight !== undefined) this.#fill(ask, { ...common, isWhole: true });
    else this.#fill(ask, { ...common, isWhole: true, flight: this.#newFlight(key) });
  }

  #landed(
    ask: CacheAsk,
    {
      landing,
      round,
      common,
    }: {
      readonly landing: Landing;
      readonly round: number;
      readonly common: Pick<FillOptions, 'forwarded' | 'stored'>;
    },
  ): void {
    switch (landing.kind) {
      case 'kept':
        this.#look(ask, round + 1);
        return;
      case 'stale': {
        const { stored, judgement, detail } = landing;
        // Another request's stale answer may be another variant, or may be stale for longer than this one allows.
        const own = common.stored;
        const isOwn =
          own !== undefined &&
          isSameSelection(own.response.head.selection, stored.head.selection) &&
          own.judgement.onError === judgement.onError;
        if (!isOwn) break;
        const status = { forwarded: common.forwarded, collapsed: true, detail } as const;
        this.#parts.count(ask, 'collapsed');
        if (this.#give(ask, { stored, judgement, status })) return;
        break;
      }
      case 'failed':
        ask.answer.failed(
          faultWithCacheStatus(landing.fault, { forwarded: common.forwarded, collapsed: true }),
        );
        return;
      case 'alone':
        break;
    }
    this.#fill(ask, { ...common, isWhole: common.stored !== undefined });
  }

  #fill(
    ask: CacheAsk,
    options: Pick<FillOptions, 'forwarded' | 'isWhole'> &
      Partial<Pick<FillOptions, 'stored' | 'flight' | 'answer'>>,
  ): void {
    const key = addressKey(ask.address);
    const fills = this.#fills.get(key) ?? new Set();
    const fill: Fill = new Fill({
      parts: this.#parts,
      ask,
      answer: ask.answer,
      isForClientAlone: requestDirectives(ask.fields).noStore,
      ...options,
      onOver: () => {
        fills.delete(fill);
        if (fills.size === 0) this.#fills.delete(key);
      },
    });
    fills.add(fill);
    this.#fills.set(key, fills);
    fill.start();
  }

  /** `only-if-cached`: section 5.2.1.7. */
  #refusesToAsk(ask: CacheAsk): boolean {
    if (!requestDirectives(ask.fields).onlyIfCached) return false;
    ask.answer.failed(faultWithCacheStatus({ problem: 'not_cached', isDisconnected: false }, {}));
    return true;
  }

  /** A HEAD that agrees with what is stored freshens it; one that does not shows that it is out of date (section 4.3.5). */
  #validateByHead(ask: CacheAsk, { head: stored, bodyBytes }: StoredResponse, forwarded: Forwarded): void {
    const { store, now } = this.#parts;
    const requestedAt = now();
    this.#pass(ask, forwarded, ({ status, fields }) => {
      if (status !== 200) return;
      if (agrees(fields, stored.fields, bodyBytes)) {
        store.update(ask.address, freshened(stored, { fields, requestedAt, receivedAt: now() }));
      } else store.delete(ask.address, stored.selection);
    });
  }

  #pass(ask: CacheAsk, forwarded: Forwarded, onHead: (head: ResponseHead) => void = () => {}): void {
    const { answer, fields, fetch } = ask;
    const receiver: Receiver = {
      head: ({ status: given, fields: received }, flow) => {
        const head = { status: given, fields: dated(received, this.#parts.now()) };
        onHead(head);
        if (!isSafe(ask.method)) this.#invalidate(ask, head);
        this.#parts.count(ask, 'bypass');
        const status = { forwarded, forwardedStatus: head.status } as const;
        answer.head({ status: head.status, fields: withCacheStatus(endToEnd(head.fields), status) }, flow);
      },
      data: (chunk) => answer.data(chunk),
      end: (trailers) => answer.end(trailers),
      failed: (fault) => answer.failed(faultWithCacheStatus(fault, { forwarded })),
    };
    // Before the answer to an unsafe request nothing is forgotten: it may be refused.
    answer.whenGone(fetch(fields, receiver));
  }

  // ---- forgetting

  /** Section 4.4: the target, and what the answer names in `Location` and `Content-Location`, unless it failed. */
  #invalidate({ address, targetOf }: CacheAsk, { status, fields }: ResponseHead): void {
    if (status < 200 || status >= 400) return;
    const named = [fieldValue(fields, 'location'), fieldValue(fields, 'content-location')].flatMap(
      (reference) => (reference === undefined ? [] : [targetOf(reference)]),
    );
    const { route } = address;
    const targets = [...new Set([address.target, ...named])].filter((target) => target !== undefined);
    this.forget({ route, targets });
    this.#onOutdated({ route, targets });
  }

  #spoil(matches: (key: string) => boolean): void {
    for (const [key, fills] of this.#fills) {
      if (matches(key)) for (const fill of [...fills]) fill.spoil();
    }
  }

  // ---- flights

  #newFlight(key: string): Flight {
    const flight = new Flight(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  #isAlone(key: string): boolean {
    const until = this.#alone.get(key);
    return until !== undefined && this.#parts.now() < until;
  }

  #goesAlone(key: string): void {
    this.#alone.set(key, this.#parts.now() + aloneMs);
  }
}

interface Found {
  readonly stored: StoredResponse;
  readonly judgement: Judgement;
}

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

function isSafe(method: string): boolean {
  return safeMethods.has(method);
}

function collapsed(round: number): CacheStatus {
  return round > 0 ? { collapsed: true } : {};
}

/** Requests of one player for one address wait for each other; others may get something else. */
function flightKey({ address, owner }: CacheAsk): string {
  return `${addressKey(address)} ${owner}`;
}

function addressKey({ route, target }: CacheAddress): string {
  return `${route} ${target}`;
}

/** One request to the upstream whose answer goes to a client, into the store, or both. */
import type { Answer, Flow, Receiver, ResponseHead } from '../exchange.ts';
import { type Fields, fieldValue } from '../fields.ts';
import type { UpstreamFault } from '../upstream-fault.ts';
import type { CacheAsk, CacheParts } from './cache-ask.ts';
import { readCacheControl } from './cache-control.ts';
import { type CacheStatus, type Forwarded, faultWithCacheStatus, withCacheStatus } from './cache-status.ts';
import { giveStored, notModified } from './cached-answer.ts';
import type { Flight } from './flights.ts';
import { dated, endToEnd, freshened } from './freshen.ts';
import { type Judgement, judge, requestDirectives } from './judge.ts';
import { confirms, isNotModified, partFields, validationFields, validators } from './preconditions.ts';
import { Recording } from './recording.ts';
import { storableAs } from './storable.ts';
import { isSameSelection, type StoredHead, type StoredResponse } from './stored-response.ts';

export interface FillOptions {
  readonly parts: CacheParts;
  readonly ask: CacheAsk;
  /** Nobody, when an answer is only refreshed. */
  readonly answer: Answer | undefined;
  readonly forwarded: Forwarded;
  /** The stored answer that is to be validated. */
  readonly stored?: { readonly response: StoredResponse; readonly judgement: Judgement };
  /** Others wait for this one. */
  readonly flight?: Flight;
  /** What the client has is asked for here, not upstream, so that the answer can be kept. */
  readonly isWhole: boolean;
  /** The answer must not be kept, whatever it says. */
  readonly isForClientAlone: boolean;
  readonly onOver: () => void;
}

export class Fill {
  readonly #options: FillOptions;
  readonly #requestedAt: number;
  #answer: Answer | undefined;
  #recording: Recording | undefined;
  #head: StoredHead | undefined;
  /** The rest of the upstream's answer is of no use. */
  #isDiscarding = false;
  #isSpoiled = false;
  /** The first request, or one without conditions after it; answers to an earlier one are not heard. */
  #attempt = 0;
  #isPauseWanted = false;
  #flow: Flow | undefined;
  #cancel = () => {};

  constructor(options: FillOptions) {
    this.#options = options;
    this.#answer = options.answer;
    this.#requestedAt = options.parts.now();
  }

  start(): void {
    const { ask, stored, isWhole } = this.#options;
    const conditions = stored && validators(stored.response.head.fields);
    this.#answer?.whenGone(() => this.#clientGone());
    this.#fetch(isWhole || stored ? { ...without(ask.fields, forWhole), ...conditions } : ask.fields);
  }

  /** What it stands for was changed or purged while it was under way: its answer may be the old one. */
  spoil(): void {
    this.#isSpoiled = true;
    if (this.#recording !== undefined) this.#goOnUnrecorded();
    this.#options.flight?.land({ kind: 'alone' });
  }

  // ---- from the upstream

  #fetch(fields: Fields): void {
    this.#attempt += 1;
    const attempt = this.#attempt;
    const ifCurrent = (heard: () => void): void => {
      if (attempt === this.#attempt) heard();
    };
    const receiver: Receiver = {
      head: (head, flow) => ifCurrent(() => this.#headCame(head, flow)),
      data: (chunk) => ifCurrent(() => this.#dataCame(chunk)),
      end: (trailers) => ifCurrent(() => this.#ended(trailers)),
      failed: (fault) => ifCurrent(() => this.#failed(fault)),
    };
    this.#cancel = this.#options.ask.fetch(fields, receiver);
  }

  #headCame({ status, fields: received }: ResponseHead, flow: Flow): void {
    const { parts, ask, stored } = this.#options;
    const receivedAt = parts.now();
    const fields = dated(received, receivedAt);
    this.#flow = flow;
    if (stored !== undefined && status === 304 && this.#validated(fields, receivedAt)) return;
    if (stored !== undefined && status >= 500 && status <= 504) {
      const { ttl, onError } = stored.judgement;
      if (-ttl <= onError && onError > 0 && this.#giveStale('stale-if-error', status)) return;
    }
    const candidate = { status, fields, receivedAt };
    const selection = this.#mayKeep ? storableAs(candidate, ask, parts.policy) : undefined;
    const isOpen = Number(fieldValue(fields, 'content-length') ?? 0) <= parts.bounds.bodyBytes;
    if (selection !== undefined && isOpen) {
      this.#head = { ...candidate, fields: storable(fields), requestedAt: this.#requestedAt, selection };
      this.#recording = new Recording({ budget: parts.budget, bodyMost: parts.bounds.bodyBytes });
    } else {
      if (stored !== undefined && status < 500)
        parts.store.delete(ask.address, stored.response.head.selection);
      if (status < 500 && ask.fields.range === undefined) parts.notKept(ask);
      this.#options.flight?.land({ kind: 'alone' });
    }
    this.#passOn({ status, fields }, flow);
  }

  #dataCame(chunk: Buffer): void {
    if (this.#isDiscarding) return;
    if (this.#recording?.add(chunk) === false) this.#goOnUnrecorded();
    this.#answer?.data(chunk);
  }

  #ended(trailers: Fields): void {
    const { parts, ask, flight, onOver } = this.#options;
    onOver();
    if (this.#isDiscarding) return;
    const body = this.#recording?.finish();
    if (body !== undefined && this.#head !== undefined && !this.#isSpoiled) {
      parts.store.put(ask.address, this.#head, body);
      flight?.land({ kind: 'kept' });
    }
    flight?.land({ kind: 'alone' });
    this.#answer?.end(trailers);
  }

  #failed(fault: UpstreamFault): void {
    const { flight, stored, onOver } = this.#options;
    onOver();
    if (this.#isDiscarding) return;
    this.#dropRecording();
    if (this.#flow !== undefined) {
      flight?.land({ kind: 'alone' });
      this.#answer?.failed(fault);
      return;
    }
    if (stored !== undefined) {
      const { ttl, onError, whenDisconnected } = stored.judgement;
      const seconds = fault.isDisconnected ? Math.max(onError, whenDisconnected) : onError;
      const detail = -ttl <= onError && onError > 0 ? 'stale-if-error' : 'disconnected';
      if (seconds > 0 && -ttl <= seconds && this.#giveStale(detail, undefined)) return;
    }
    const told = this.#mustNotBeStale() ? { ...fault, problem: 'upstream_timeout' as const } : fault;
    flight?.land({ kind: 'failed', fault: told });
    this.#answer?.failed(faultWithCacheStatus(told, { forwarded: this.#options.forwarded }));
  }

  // ---- within

  get #mayKeep(): boolean {
    return !this.#options.isForClientAlone && !this.#isSpoiled;
  }

  /**
   * Uses the stored answer that a 304 is about. When that is another one, or has gone, it is asked for without conditions; a
   * second 304 is passed on as what it is.
   */
  #validated(fields: Fields, receivedAt: number): boolean {
    const { parts, ask, stored, flight } = this.#options;
    if (stored === undefined || this.#attempt > 1) return false;
    const { response } = stored;
    const body = confirms(fields, response.head.fields) ? response.body() : undefined;
    if (body === undefined) {
      this.#fetch(without(ask.fields, forWhole));
      return true;
    }
    this.#isDiscarding = true;
    const head = freshened(response.head, { fields, requestedAt: this.#requestedAt, receivedAt });
    this.#keepFreshened(response.head, head, body);
    this.#giveFrom(head, body, { forwarded: this.#options.forwarded, forwardedStatus: 304, stored: true });
    flight?.land({ kind: 'kept' });
    parts.count(ask, 'validated');
    return true;
  }

  #keepFreshened(before: StoredHead, head: StoredHead, body: Buffer): void {
    const { parts, ask } = this.#options;
    const { noStore, isPrivate } = readCacheControl(head.fields);
    if (noStore || isPrivate || head.fields['set-cookie'] !== undefined) {
      parts.store.delete(ask.address, before.selection);
      return;
    }
    const selection = this.#mayKeep ? storableAs(head, ask, parts.policy) : undefined;
    if (selection === undefined) return;
    if (isSameSelection(selection, before.selection)) parts.store.update(ask.address, head);
    else {
      parts.store.delete(ask.address, before.selection);
      parts.store.put(ask.address, { ...head, selection }, body);
    }
  }

  #giveStale(detail: 'stale-if-error' | 'disconnected', status: number | undefined): boolean {
    const { stored, flight, parts, ask, forwarded } = this.#options;
    const body = stored?.response.body();
    if (stored === undefined || body === undefined) return false;
    this.#isDiscarding = true;
    this.#giveFrom(stored.response.head, body, {
      forwarded,
      ...(status !== undefined && { forwardedStatus: status }),
      detail,
    });
    flight?.land({ kind: 'stale', stored: stored.response, judgement: stored.judgement, detail });
    parts.count(ask, 'stale');
    return true;
  }

  #giveFrom(head: StoredHead, body: Buffer, status: CacheStatus): void {
    const { parts, ask } = this.#options;
    if (this.#answer === undefined) return;
    const { age, ttl } = judge(head, requestDirectives(ask.fields), {
      now: parts.now(),
      isGuessable: !ask.hasQuery,
      policy: parts.policy,
    });
    giveStored(this.#answer, {
      method: ask.method,
      request: ask.fields,
      head,
      body,
      age,
      status: { ...status, ttl },
    });
    this.#answer = undefined;
  }

  #passOn({ status, fields }: ResponseHead, flow: Flow): void {
    const { ask, forwarded, isWhole, stored, parts } = this.#options;
    if (this.#answer === undefined) return;
    parts.count(ask, forwarded === 'bypass' || forwarded === 'method' ? 'bypass' : 'miss');
    const isKept = this.#recording !== undefined;
    const said = withCacheStatus(endToEnd(fields), { forwarded, forwardedStatus: status, stored: isKept });
    const receivedAt = parts.now();
    if (isKept && (isWhole || stored) && isNotModified(ask.fields, { status, fields, receivedAt })) {
      this.#answer.whole(notModified(said), undefined);
      this.#answer = undefined;
      return;
    }
    this.#answer.head({ status, fields: said }, this.#clientFlow(flow));
  }

  /** A client that reads slowly holds up nobody who waits for the same answer: what is kept is read at full speed. */
  #clientFlow(flow: Flow): Flow {
    return {
      pause: () => {
        this.#isPauseWanted = true;
        if (this.#recording === undefined) flow.pause();
      },
      resume: () => {
        this.#isPauseWanted = false;
        flow.resume();
      },
    };
  }

  #clientGone(): void {
    this.#answer = undefined;
    const isOfUse = this.#recording !== undefined || this.#options.flight?.hasWaiters === true;
    if (!isOfUse) this.#stop();
  }

  /** Nobody wants the rest. */
  #stop(): void {
    this.#attempt += 1;
    this.#cancel();
    this.#dropRecording();
    this.#options.flight?.land({ kind: 'alone' });
    this.#options.onOver();
  }

  /** The answer is for the client alone from here on, at the client's pace. */
  #goOnUnrecorded(): void {
    this.#dropRecording();
    this.#options.flight?.land({ kind: 'alone' });
    if (this.#answer === undefined) this.#stop();
    else if (this.#isPauseWanted) this.#flow?.pause();
  }

  #dropRecording(): void {
    this.#recording?.finish();
    this.#recording = undefined;
  }

  #mustNotBeStale(): boolean {
    const { stored } = this.#options;
    return stored !== undefined && readCacheControl(stored.response.head.fields).mustRevalidate;
  }
}

/** What must not be in a request for all of what is kept. */
const forWhole = [...validationFields, ...partFields];

/** Fields after the body are not kept, nor announced. */
function storable(fields: Fields): Fields {
  const { trailer: _trailer, ...kept } = endToEnd(fields);
  return kept;
}

function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

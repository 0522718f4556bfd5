/**
 * The way of a player's message through the proxy, one stage after another. Read this first.
 *
 * ```
 *  1 listener   listener/        TCP → TLS → HTTP → WebSocket; calls `accept`
 *  2 session    session.ts       token → SignedIn
 *  3 inbound    inbound.ts       text → Inbound | refusal | violation
 *  4 policy     policy/          Inbound → Admitted | refusal | flood
 *  5 routing    routing.ts       Admitted → Routed
 *  6 link       link/            Routed → frames to the backend, and back
 *    answers    conversation/    replies → results; events → feeds/ → each follower
 * 11 fan-out    fan-out.ts       the only writer to sockets
 * ```
 *
 * Each stage's output is a type that only this stage can make, so that leaving one out does not compile.
 */
import type { ShownToken } from '../auth/index.ts';
import type { Logger } from '../process/logger.ts';
import type { Trace, Tracer } from '../process/traces/tracer.ts';
import type { ClosingCode } from '../protocol/closings.ts';
import type { MatchId } from '../protocol/ids.ts';
import type { RequestId } from '../protocol/player-messages.ts';
import { refuse } from '../protocol/refusals.ts';
import type { Answers } from './conversation/answers.ts';
import { Ask } from './conversation/ask.ts';
import { PlayerSocket } from './conversation/player-socket.ts';
import { type Asked, askedBy } from './conversation/refuser.ts';
import { notificationText, resultText } from './conversation/rpc-text.ts';
import type { Sockets } from './conversation/sockets.ts';
import { Outbox, type Transport } from './fan-out.ts';
import type { Feeds } from './feeds/feeds.ts';
import { type Inbound, readMessage } from './inbound.ts';
import type { Backends } from './link/backends.ts';
import type { Opening } from './listener/upgrade-request.ts';
import { SocketFilter } from './policy/filters/filters.ts';
import { gameRoute } from './policy/filters/kinds.ts';
import type { Caller } from './policy/limits/caller.ts';
import type { Admitted, Policy, TurnMove } from './policy/policy.ts';
import { route } from './routing.ts';
import { SocketSession, sessionInfo, type Verifier } from './session.ts';

export interface PipelineParts {
  readonly verifier: Verifier;
  readonly policy: Policy;
  readonly backends: Backends;
  readonly feeds: Feeds;
  readonly answers: Answers;
  readonly sockets: Sockets<PlayerSocket>;
  readonly realm: string;
  readonly logger: Logger;
  readonly tracer: Tracer;
  /** Bytes that may wait for the reader of one socket. */
  readonly mostWaiting: () => number;
  /** Milliseconds for a new socket to sign in. */
  readonly signInMs: () => number;
  /** Told whenever this side ends a socket, and why. */
  readonly onClosing: (code: ClosingCode) => void;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** A player's transport that can be told to stop reading for a while. */
export interface PlayerTransport extends Transport {
  pause(): void;
  resume(): void;
}

/** What the listener knows of a new socket. */
export interface Upgraded {
  readonly transport: PlayerTransport;
  readonly caller: Caller;
  /** Of the web page that asks; `none` for programs. */
  readonly origin: string;
  readonly opening: Opening;
}

/** One accepted socket, from the listener's side. */
export interface Conversation {
  /** A text message, which came in so many bytes. */
  message(text: string, bytes: number): void;
  /** A WebSocket ping or a pong that nobody asked for: it counts as a message does. False: leave it unanswered. */
  control(): boolean;
  /** The transport has gone. */
  gone(): void;
  readonly socket: PlayerSocket;
}

interface Held {
  readonly text: string;
  readonly bytes: number;
}

/** Messages and pings before sign-in, and messages that may wait while a token is verified. */
const strangersMessages = 8;
const heldMessages = 32;

export class Pipeline {
  readonly #parts: PipelineParts;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  get sockets(): Sockets<PlayerSocket> {
    return this.#parts.sockets;
  }

  /** Takes over a socket from the listener. */
  accept({ transport, caller, origin, opening }: Upgraded): Conversation {
    const { sockets, feeds, verifier, realm, now, logger, mostWaiting, signInMs } = this.#parts;
    const outbox = new Outbox({
      transport,
      mostWaiting,
      onClosing: (code) => {
        this.#parts.onClosing(code);
        logger.debug({ code, session: session.current?.session }, 'closing a socket');
        end();
      },
    });
    const session = new SocketSession({
      verifier,
      realm,
      now,
      signInMs: signInMs(),
      socket: {
        close: (code, detail) => outbox.close(code, detail),
        expiring: (expiresAt) => outbox.deliver(notificationText('session.expiring', { expiresAt })),
      },
      onFailure: (error) => logger.error({ err: error }, 'a token could not be checked'),
    });
    const socket = new PlayerSocket({
      caller,
      filter: new SocketFilter({ address: caller.address, route: gameRoute, origin }),
      outbox,
      session,
      feeds,
      onLobbyChanged: (lists) => this.#parts.answers.kept.listsChanged(lists),
      opening,
    });
    const end = () => {
      sockets.delete(socket);
      socket.gone();
    };
    sockets.add(socket);

    let strange = 0;
    const countStrange = () => {
      if (session.current !== undefined) return;
      strange += 1;
      if (strange > strangersMessages) outbox.close('flood');
    };
    const held: Held[] = [];
    const receive = (message: Held): void => {
      if (outbox.isClosing) return;
      if (session.state === 'verifying') {
        if (held.length >= heldMessages) outbox.close('flood');
        else held.push(message);
        return;
      }
      countStrange();
      this.#receive(socket, message, open);
    };
    const open = (id: RequestId, shown: ShownToken): void => {
      transport.pause();
      void this.#open(socket, id, shown).then(() => {
        for (const message of held.splice(0)) receive(message);
        transport.resume();
        this.#easeOff(transport);
      });
    };
    if (opening.shown !== undefined) open(0, opening.shown);

    return {
      socket,
      message: (text, bytes) => {
        receive({ text, bytes });
        this.#easeOff(transport);
      },
      control: () => {
        if (outbox.isClosing) return false;
        countStrange();
        const verdict = this.#parts.policy.control(caller);
        if (verdict === 'flood') outbox.close('flood');
        return verdict === 'admitted' && !outbox.isClosing;
      },
      gone: end,
    };
  }

  // ---- stage 2

  async #open(socket: PlayerSocket, id: RequestId, shown: ShownToken): Promise<void> {
    const { policy, sockets, backends, answers } = this.#parts;
    const session = await socket.session.open(shown);
    if (session === undefined) return;
    const refusal = policy.signIn(socket.caller, session);
    if (refusal !== undefined) {
      const later = { ...refusal, retryAfterMs: 5_000 };
      answers.refuser.close(socket, { id, method: 'session.open' }, { code: 'overloaded', refusal: later });
      return;
    }
    sockets.signedIn(socket, session.session);
    // From here on an end of the session finds the socket; the question covers what came before.
    if (!(await socket.session.confirm())) return;
    if (!socket.openChannel(backends, session)) {
      socket.close('overloaded', { retryAfterMs: 5_000 });
      return;
    }
    const { pseudonym, name, guest } = session;
    answers.names.remember(pseudonym, { name, ...(guest && { guest }) });
    socket.outbox.deliver(resultText(id, JSON.stringify(sessionInfo(session))));
  }

  async #refresh(socket: PlayerSocket, id: RequestId, shown: ShownToken): Promise<void> {
    const outcome = await socket.session.refresh(shown);
    if ('code' in outcome)
      this.#parts.answers.refuser.refuse(socket, { id, method: 'session.refresh' }, outcome);
    else socket.outbox.deliver(resultText(id, JSON.stringify(sessionInfo(outcome))));
  }

  // ---- stages 3 to 6

  #receive(
    socket: PlayerSocket,
    { text, bytes }: Held,
    open: (id: RequestId, shown: ShownToken) => void,
  ): void {
    const { refuser } = this.#parts.answers;
    const trace = socket.session.current && this.#parts.tracer.begin('receive');
    const reading = readMessage(text);
    if (reading.kind === 'violation') {
      trace?.end(reading.refusal.code);
      refuser.refuse(socket, { id: null }, reading.refusal);
      socket.close('violation', { reason: reading.refusal.reason });
      return;
    }
    const asked: Asked = reading.kind === 'request' ? askedBy(reading.request) : { id: reading.id };
    const session = socket.session.current;
    if (session === undefined) {
      this.#receiveFromStranger(socket, reading.kind === 'request' ? reading.request : asked, open);
      return;
    }
    if (socket.leaving !== undefined) {
      trace?.end(socket.leaving);
      refuser.refuse(socket, asked, refuse(socket.leaving));
      return;
    }
    if (trace !== undefined) {
      if (reading.kind === 'request') trace.name(reading.request.method);
      trace.describe({ player: session.pseudonym });
      trace.stage('policy');
    }
    const verdict = this.#parts.policy.judge(reading, socket, bytes);
    switch (verdict.kind) {
      case 'admitted':
        this.#perform(socket, verdict.request, { turn: verdict.turn, trace });
        return;
      case 'refusal':
        trace?.end(verdict.refusal.code);
        refuser.refuse(socket, asked, verdict.refusal);
        return;
      case 'flood':
        trace?.end('flood');
        refuser.close(socket, asked, { code: 'flood', refusal: verdict.refusal });
    }
  }

  /** Before sign-in there is one thing to say. */
  #receiveFromStranger(
    socket: PlayerSocket,
    request: Inbound | Asked,
    open: (id: RequestId, shown: ShownToken) => void,
  ): void {
    if ('params' in request && request.method === 'session.open') {
      open(request.id, socket.shown(request.params));
    } else {
      this.#parts.answers.refuser.refuse(socket, request, refuse('not_signed_in'));
    }
  }

  #perform(
    socket: PlayerSocket,
    request: Admitted,
    { turn, trace }: { readonly turn: TurnMove | undefined; readonly trace: Trace | undefined },
  ): void {
    const { backends, answers } = this.#parts;
    const { refuser } = answers;
    switch (request.method) {
      case 'session.open':
        trace?.end('already_signed_in');
        refuser.refuse(socket, askedBy(request), refuse('already_signed_in'));
        return;
      case 'session.refresh':
        trace?.end();
        void this.#refresh(socket, request.id, socket.shown(request.params));
        return;
      case 'match.unwatch':
        trace?.end();
        socket.unfollow(request.params.match as MatchId);
        socket.outbox.deliver(resultText(request.id, '{}'));
        return;
    }
    const routed = route(request);
    if (routed === undefined || socket.channel === undefined) return;
    const { about, method, body } = routed;
    const ask = new Ask({
      socket,
      answers,
      id: request.id,
      method: request.method,
      params: request.params,
      body,
      turn,
      trace,
    });
    socket.asked(ask);
    this.#parts.policy.known(socket.caller, ask.requestId);
    if (answers.kept.take(request, ask)) return;
    const isUrgent = turn !== undefined;
    const { channel } = socket;
    trace?.stage('link');
    const traceparent = trace?.traceparent;
    const refused = backends.request({ about, channel, method, body, asker: ask, isUrgent, traceparent });
    if (refused !== undefined) ask.refuse(refused);
  }

  /** Reads no more from a player while the link has too much to write; whoever speaks next stops in turn. */
  #easeOff(transport: PlayerTransport): void {
    const { backends } = this.#parts;
    if (!backends.congested) return;
    transport.pause();
    backends.whenDrained(() => transport.resume());
  }
}

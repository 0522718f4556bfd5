import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { ControlAnswer, ControlRequest } from '../../process/control/index.ts';
import { OperatorError } from '../../process/operator-error.ts';
import type { PreparedChange, Settings } from '../../settings/index.ts';
import type { Outdated } from '../routes/http/cache/http-cache.ts';
import type { UpstreamName } from '../routes/route-control.ts';
import {
  type FromWorker,
  sharedDescriptor,
  type ToWorker,
  type WorkerBegin,
} from '../worker/worker-messages.ts';
import { AnswerStream } from './answer-stream.ts';

/** How a process ended: with a code, by a signal, or without having begun. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly error?: Error;
}

/** One process that serves players, seen from the primary. */
export interface Worker {
  /** From 1. A replacement has the number of the one that it replaces. */
  readonly number: number;
  readonly pid: number | undefined;
  /** True from `up` to `leaving`. */
  readonly isServing: boolean;
  /** Resolves when it takes connections; never when it ends before. */
  readonly up: Promise<void>;
  /** Resolves when it begins to drain, whoever told it to; never when it ends without. */
  readonly leaving: Promise<void>;
  readonly over: Promise<WorkerEnd>;
  /** Calls back with what a client has changed there, for the other workers. */
  onOutdated(listener: (answers: Outdated) => void): void;
  outdated(answers: Outdated): void;
  /** Whether it has an answer to this control route. */
  answers(route: string): boolean;
  ask(route: string, request: ControlRequest): AsyncIterable<ControlAnswer>;
  ticketKeys(keys: Buffer): void;
  /** Tells it of all upstreams that are drained. */
  drainUpstreams(upstreams: readonly UpstreamName[]): void;
  /** Has it look for new certificates now. */
  readFiles(): void;
  /** Those that it was started with, or that it took over last. */
  readonly settings: Settings;
  /** Has it prepare for new settings. One that ends meanwhile has agreed. @throws OperatorError why it refuses */
  prepare(settings: Settings): Promise<PreparedChange>;
  /** Gives it a connection. */
  give(socket: Socket): void;
  /** Tells it to drain; ends it when that has lasted for so many milliseconds. */
  drain(options: { readonly replaced: boolean; readonly deadlineMs: number }): void;
  kill(): void;
}

/** `worker-main.ts` in a clone, `worker-main.js` in the published package. */
const program = join(
  import.meta.dirname,
  '..',
  'worker',
  import.meta.filename.endsWith('.ts') ? 'worker-main.ts' : 'worker-main.js',
);

/** Starts a worker, on the same Node, in the same terminal. */
export function startWorker(begin: WorkerBegin, descriptor: number | undefined): Worker {
  const stdio: SpawnOptions['stdio'] = ['ignore', 'inherit', 'inherit', 'ipc'];
  if (descriptor !== undefined) stdio[sharedDescriptor] = descriptor;
  const child = spawn(process.execPath, [...process.execArgv, program, 'worker'], { stdio });
  return new WorkerProcess(child, begin);
}

class WorkerProcess implements Worker {
  readonly number: number;
  readonly #child: ChildProcess;
  readonly #up = Promise.withResolvers<void>();
  readonly #leaving = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<WorkerEnd>();
  readonly #asked = new Map<number, AnswerStream>();
  readonly #preparing = new Map<number, (refusal: string | undefined) => void>();
  #onOutdated: (answers: Outdated) => void = () => {};
  #settings: Settings;
  #routes: ReadonlySet<string> = new Set();
  #isServing = false;
  #lastId = 0;
  #deadline: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess, begin: WorkerBegin) {
    this.number = begin.worker;
    this.#settings = begin.settings;
    this.#child = child;
    child.on('message', (message: FromWorker) => this.#take(message));
    // A process that could not be started has no exit; one that could not be told something is still alive.
    child.on('error', (error) => {
      if (child.pid === undefined) this.#ended({ code: null, signal: null, error });
    });
    child.once('exit', (code, signal) => this.#ended({ code, signal }));
    this.#send(begin);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get settings(): Settings {
    return this.#settings;
  }

  get isServing(): boolean {
    return this.#isServing;
  }

  get up(): Promise<void> {
    return this.#up.promise;
  }

  get leaving(): Promise<void> {
    return this.#leaving.promise;
  }

  get over(): Promise<WorkerEnd> {
    return this.#over.promise;
  }

  onOutdated(listener: (answers: Outdated) => void): void {
    this.#onOutdated = listener;
  }

  outdated(answers: Outdated): void {
    this.#send({ type: 'outdated', outdated: answers });
  }

  answers(route: string): boolean {
    return this.#isServing && this.#routes.has(route);
  }

  ask(route: string, { query, body, signal }: ControlRequest): AsyncIterable<ControlAnswer> {
    const id = this.#nextId();
    const stream = new AnswerStream(() => {
      this.#asked.delete(id);
      this.#send({ type: 'unask', id });
    });
    this.#asked.set(id, stream);
    signal.addEventListener('abort', () => stream.cancel(), { once: true });
    this.#send({ type: 'ask', id, route, query, body });
    return stream;
  }

  ticketKeys(keys: Buffer): void {
    this.#send({ type: 'ticket-keys', keys: keys.toString('base64') });
  }

  drainUpstreams(upstreams: readonly UpstreamName[]): void {
    this.#send({ type: 'drained', upstreams });
  }

  readFiles(): void {
    this.#send({ type: 'read-files' });
  }

  async prepare(settings: Settings): Promise<PreparedChange> {
    const id = this.#nextId();
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#preparing.set(id, resolve);
    this.#send({ type: 'prepare', id, settings });
    const refusal = await promise;
    if (refusal !== undefined) throw new OperatorError('settings_invalid', refusal);
    return {
      apply: () => {
        this.#settings = settings;
        this.#send({ type: 'apply', id });
      },
      abandon: () => this.#send({ type: 'abandon', id }),
    };
  }

  give(socket: Socket): void {
    this.#send({ type: 'connection' }, socket);
  }

  drain({ replaced, deadlineMs }: { readonly replaced: boolean; readonly deadlineMs: number }): void {
    this.#send({ type: 'drain', replaced });
    this.#deadline ??= setTimeout(() => this.kill(), deadlineMs);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case 'up':
        this.#routes = new Set(message.routes);
        this.#isServing = true;
        this.#up.resolve();
        return;
      case 'leaving':
        this.#isServing = false;
        this.#leaving.resolve();
        return;
      case 'outdated':
        this.#onOutdated(message.outdated);
        return;
      case 'prepared':
        this.#preparing.get(message.id)?.(message.refusal);
        this.#preparing.delete(message.id);
        return;
      case 'answer':
        this.#asked.get(message.id)?.push(message.answer);
        return;
      case 'answered':
        this.#asked.get(message.id)?.end();
        this.#asked.delete(message.id);
    }
  }

  #ended(end: WorkerEnd): void {
    clearTimeout(this.#deadline);
    this.#isServing = false;
    const error = { code: 'unavailable', message: `worker ${this.number} ended before it had answered.` };
    for (const stream of this.#asked.values()) {
      stream.push({ from: `worker ${this.number}`, error });
      stream.end();
    }
    this.#asked.clear();
    for (const agree of this.#preparing.values()) agree(undefined);
    this.#preparing.clear();
    this.#over.resolve(end);
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #send(message: ToWorker, socket?: Socket): void {
    // Failure means that it is ending, which its exit tells.
    if (this.#child.connected) this.#child.send(message, socket, undefined, () => {});
    else socket?.destroy();
  }
}

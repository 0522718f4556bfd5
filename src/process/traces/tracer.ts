/** What a trace says of a request beside names and times. Nothing that names a player to the world, and no content of messages. */
export interface TraceAttributes {
  /** The match, as log fields have it. */
  readonly match?: string | undefined;
  /** The player’s pseudonym, as log fields have it. */
  readonly player?: string | undefined;
  /** What `castling why` asks by. */
  readonly request?: string | undefined;
}

/**
 * One process’s part of the trace of a request: a span for the whole, and below it one for each stage, of which one is under way.
 * After `end` nothing of it counts.
 */
export interface Trace {
  /** W3C Trace Context (`traceparent`) of the stage under way, for the process that goes on with it. */
  readonly traceparent: string;
  /** What was asked, once it is known. */
  name(method: string): void;
  describe(attributes: TraceAttributes): void;
  /** Ends the stage under way, and begins this one. */
  stage(name: string): void;
  /** Ends the whole; `refusal` is the code of the refusal or violation that it ended with. */
  end(refusal?: string): void;
}

/** Makes traces of some requests, and of none while it is off: `undefined` then, so that who asks pays for one comparison. */
export interface Tracer {
  /** A request has come in from outside; this decides whether it is traced at all. */
  begin(stage: string): Trace | undefined;
  /** Goes on with a trace of another process; `undefined` for what is no `traceparent`, or is not sampled. */
  resume(traceparent: string, stage: string): Trace | undefined;
}

export const noTracer: Tracer = { begin: () => undefined, resume: () => undefined };

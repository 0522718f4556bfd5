import pino from 'pino';
import { standardErrorSink } from './log-sink.ts';
import { printable, printableJson, printableStack } from './printable.ts';
import { readableLine } from './readable-line.ts';
import { redact, scrubText } from './redaction.ts';
import { serializeError, serializeErrorsWithin } from './serialize-error.ts';

export type { Logger } from 'pino';

export type LoggerOptions = {
  /** Which process speaks: `proxy`, `backend`, `start`. */
  name: string;
  /** Least level written; `silent` is the no-op form. Default `info`. */
  level?: pino.LevelWithSilent | undefined;
  /** Where finished lines go. Default: standard error, so that standard output stays for what a command answers. */
  destination?: pino.DestinationStream | undefined;
  /** Coloured lines for people instead of JSON. Default: only when standard error is a terminal. */
  pretty?: boolean | undefined;
};

/**
 * Makes the logger of a process: one JSON object a line when piped, coloured text in a terminal.
 *
 * Every line, with all its bindings, is redacted and made printable as the last step before it is written; no call
 * can go round that. A log that cannot be written (disk full, reader gone) loses lines and disturbs nothing else.
 */
export function createLogger(options: LoggerOptions): pino.Logger {
  const forPeople = options.pretty ?? (options.destination === undefined && process.stderr.isTTY === true);
  const sink = options.destination ?? standardErrorSink();
  return pino(
    {
      level: options.level ?? 'info',
      base: { name: options.name, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      // Errors are serialised below, at any key and depth; pino's own serialiser would do it again at `err`.
      serializers: { err: (value: unknown) => value },
      formatters: {
        level: (label) => ({ level: label }),
        log: (merged) => serializeErrorsIn(merged),
      },
      hooks: { streamWrite: forPeople ? safeForTerminal : safeForJson },
    },
    forPeople ? formatted(sink) : sink,
  );
}

/** Formats in this thread and in order; a transport in a thread of its own would lose the last lines of a crash. */
function formatted(sink: pino.DestinationStream): pino.DestinationStream {
  const colour = !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  return {
    write: (line) => {
      const record = parse(line);
      const isRecord = typeof record === 'object' && record !== null;
      sink.write(isRecord ? readableLine(record as Record<string, unknown>, { colour }) : line);
    },
  };
}

function serializeErrorsIn(merged: object): Record<string, unknown> {
  if (merged instanceof Error) return { err: serializeError(merged) };
  return Object.fromEntries(
    Object.entries(merged).map(([name, value]) => [name, serializeErrorsWithin(value)]),
  );
}

function safeForJson(line: string): string {
  const record = parse(line);
  return record === undefined
    ? `${printableJson(scrubText(line.trimEnd()))}\n`
    : `${printableJson(JSON.stringify(redact(record)))}\n`;
}

function safeForTerminal(line: string): string {
  const record = parse(line);
  return record === undefined
    ? `${printable(scrubText(line.trimEnd()))}\n`
    : `${JSON.stringify(printableTree(redact(record)))}\n`;
}

/** Names are made printable, too: who chooses a move may choose the names inside it. */
function printableTree(value: unknown, name?: string): unknown {
  if (typeof value === 'string') return name === 'stack' ? printableStack(value) : printable(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => printableTree(item));
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, inner]) => [printable(key), printableTree(inner, key)]));
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { explainSystemError } from '../../process/explain-system-error.ts';
import { OperatorError } from '../../process/operator-error.ts';
import type { PolicySettings } from '../policy/policy.ts';
import { TrafficRecord } from '../policy/traffic/traffic-record.ts';

/** The first line of a capture. */
export const CaptureHead = Type.Object({
  castling: Type.Literal('capture'),
  version: Type.Literal(1),
  /** Unix milliseconds. */
  startedAt: Type.Integer(),
  maskAddresses: Type.Boolean(),
});
export type CaptureHead = Static<typeof CaptureHead>;

/** What one process tells: the settings that it goes by, or what came to it since the last time. */
export type CapturePart =
  | { readonly settings: PolicySettings }
  | { readonly records: readonly TrafficRecord[] };

/** Every other line. */
export type CaptureLine = CapturePart & { readonly from: string };

const isHead = Compile(CaptureHead);
const isRecords = Compile(Type.Object({ from: Type.String(), records: Type.Array(TrafficRecord) }));
/** What is in them was written by the settings of the process; a policy made of them says what is wrong. */
const isSettings = Compile(
  Type.Object({
    from: Type.String(),
    settings: Type.Object({ limits: Type.Object({}), filters: Type.Array(Type.Object({})) }),
  }),
);

/** @throws OperatorError `file_missing`, `file_unreadable`, and `usage` when it is no capture, naming the line */
export async function* readCapture(path: string): AsyncGenerator<CaptureLine, void, undefined> {
  let number = 0;
  try {
    for await (const text of createInterface({
      input: createReadStream(path),
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      number += 1;
      const line: unknown = parse(text);
      if (number === 1 ? !isHead.Check(line) : !isRecords.Check(line) && !isSettings.Check(line)) {
        throw notCapture(path, number);
      }
      if (number > 1) yield line as CaptureLine;
    }
  } catch (error) {
    throw explainSystemError(error, { doing: 'read', path }) ?? error;
  }
  if (number === 0) throw notCapture(path, 1);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notCapture(path: string, line: number): OperatorError {
  return new OperatorError(
    'usage',
    `${path} is not a capture that this version reads (line ${line}); make one with \`castling config capture FILE\`.`,
  );
}

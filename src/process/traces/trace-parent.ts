/** What `traceparent` says (W3C Trace Context, section 3.2). */
export interface TraceParent {
  /** 32 and 16 hexadecimal digits, lower case, not all 0. */
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** Characters of one; a longer one is of a version that may say more, and is not ours. */
export const traceparentLength = 55;

const form = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

export function readTraceparent(text: string): TraceParent | undefined {
  const [, traceId, spanId, flags] = (text.length === traceparentLength && form.exec(text)) || [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function writeTraceparent({ traceId, spanId, isSampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

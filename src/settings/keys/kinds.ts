import { isAbsolute, normalize, resolve } from 'node:path';
import { type Address, readAddress, writeAddress } from './address.ts';
import { readAddressRange } from './address-range.ts';
import { readDuration, writeDuration } from './duration.ts';
import type { KeyNotes, KindName } from './key.ts';
import { meantOrigin, readOrigin } from './origin.ts';
import { readSize, writeSize } from './size.ts';

export type Scalar = string | number | boolean | null;

/** How the written form of a key becomes what the program gets, and back. */
interface Kind<Value> {
  /** `undefined` when the written form, which fits the JSON Schema already, means nothing. `from` is an absolute folder. */
  read(raw: Scalar, from: string): Value | undefined;
  write(value: Value): Scalar;
  /** What somebody probably meant who wrote this. */
  meant?(raw: string): string | undefined;
}

const kinds: { readonly [Name in KindName]: Kind<never> } = {
  plain: kind<Scalar>({ read: (raw) => raw, write: (value) => value }),
  duration: kind<number>({ read: (raw) => readDuration(String(raw)), write: writeDuration }),
  size: kind<number>({ read: (raw) => readSize(String(raw)), write: writeSize }),
  path: kind<string>({
    read: (raw, from) => (isAbsolute(String(raw)) ? normalize(String(raw)) : resolve(from, String(raw))),
    write: (value) => value,
  }),
  address: kind<Address>({ read: (raw) => readAddress(String(raw)), write: writeAddress }),
  addressRange: kind<string>({ read: (raw) => readAddressRange(String(raw)), write: (value) => value }),
  origin: kind<string>({
    read: (raw) => readOrigin(String(raw)),
    write: (value) => value,
    meant: meantOrigin,
  }),
};

export function meantBy(notes: KeyNotes, raw: Scalar): string | undefined {
  return typeof raw === 'string' ? kinds[notes.kind].meant?.(raw) : undefined;
}

/** `undefined` when the value means nothing or is outside the key's bounds. */
export function readKind(notes: KeyNotes, raw: Scalar, from: string): unknown {
  const value: unknown = kinds[notes.kind].read(raw, from);
  if (typeof value !== 'number') return value;
  const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = notes;
  return value >= least && value <= most ? value : undefined;
}

/** The form that stands in a file. */
export function writeKind(notes: KeyNotes, value: unknown): Scalar {
  return kinds[notes.kind].write(value as never);
}

/** Each kind knows its own value; the table holds them all. */
function kind<Value>(made: Kind<Value>): Kind<never> {
  return made as unknown as Kind<never>;
}

import { type Pseudonym, parseId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/json.ts';
import { parseStrictJson } from '../../protocol/strict-json.ts';
import { LinkViolation } from './link-violation.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws LinkViolation */
export function readJson(payload: Uint8Array): Json {
  const reading = parseStrictJson(readText(payload));
  if (!reading.ok) throw new LinkViolation(`A payload cannot be read: ${reading.reason}.`);
  return reading.value;
}

/** @throws LinkViolation */
export function readPseudonym(payload: Uint8Array): Pseudonym {
  const player = parseId('pseudonym', readText(payload));
  if (player === undefined) throw new LinkViolation('A channel was opened for what is no pseudonym.');
  return player;
}

function readText(payload: Uint8Array): string {
  try {
    return utf8.decode(payload);
  } catch {
    throw new LinkViolation('A payload is not UTF-8.');
  }
}

/**
 * JSON (RFC 8259) read strictly and totally: any text gives a value or a reason, never an exception, in time linear in
 * its length and without recursion. `JSON.parse` alone lets through what two readers may understand differently, so a scan
 * comes first: duplicate names, `__proto__`, numbers that overflow, lone surrogates and deep nesting are refused.
 */
import type { Json } from './json.ts';
import { limits } from './limits.ts';

export interface JsonLimits {
  /** Levels of arrays and objects. */
  readonly depth: number;
  /** Members and items, together. */
  readonly items: number;
  /** Characters of one number. */
  readonly numberLength: number;
}

const playerLimits: JsonLimits = {
  depth: limits.jsonDepth,
  items: limits.jsonItems,
  numberLength: limits.jsonNumberLength,
};

export type JsonReading =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly reason: JsonFault };

export type JsonFault =
  | 'not JSON'
  | 'nested too deep'
  | 'too many items'
  | 'a number is too long'
  | 'a number is too large'
  | 'a name occurs twice'
  | 'a name is forbidden'
  | 'text is not well-formed';

/** Reads one JSON text. Leading and trailing white space is allowed, a byte order mark is not. */
export function parseStrictJson(text: string, most: JsonLimits = playerLimits): JsonReading {
  const fault = scan(text, most);
  if (fault !== undefined) return { ok: false, reason: fault };
  try {
    return { ok: true, value: JSON.parse(text) as Json };
  } catch {
    return { ok: false, reason: 'not JSON' };
  }
}

const quote = 0x22;
const backslash = 0x5c;
/** Names that mean something to JavaScript objects; no message of ours has them. */
const forbidden: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Finds what `JSON.parse` would let through. Grammar is left to `JSON.parse`: text that it refuses may pass here,
 * but structure is followed exactly for all text that it accepts.
 */
function scan(text: string, most: JsonLimits): JsonFault | undefined {
  /** The names seen in each open object; `undefined` for an open array. */
  const open: (Set<string> | undefined)[] = [];
  let items = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    switch (code) {
      case quote: {
        const end = endOfString(text, at);
        if (end === -1) return 'not JSON';
        const names = open.at(-1);
        if (names !== undefined && isName(text, end)) {
          const name = decode(text.slice(at, end));
          if (name === undefined) return 'not JSON';
          if (forbidden.has(name)) return 'a name is forbidden';
          if (names.has(name)) return 'a name occurs twice';
          if (!name.isWellFormed()) return 'text is not well-formed';
          names.add(name);
        } else if (!isWellFormed(text, at, end)) {
          return 'text is not well-formed';
        }
        at = end;
        continue;
      }
      case 0x7b /* { */:
      case 0x5b /* [ */:
        if (open.length === most.depth) return 'nested too deep';
        open.push(code === 0x7b ? new Set() : undefined);
        items += 1;
        break;
      case 0x7d /* } */:
      case 0x5d /* ] */:
        open.pop();
        break;
      case 0x2c /* , */:
        items += 1;
        break;
      default:
        if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
          const end = endOfNumber(text, at);
          if (end - at > most.numberLength) return 'a number is too long';
          if (Math.abs(Number(text.slice(at, end))) === Infinity) return 'a number is too large';
          at = end;
          continue;
        }
    }
    if (items > most.items) return 'too many items';
    at += 1;
  }
  return undefined;
}

/** The position after the closing quote, or -1. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    if (code === backslash) at += 1;
  }
  return -1;
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    // digits, and . + - e E
    if (
      (code >= 0x30 && code <= 0x39) ||
      code === 0x2e ||
      code === 0x2b ||
      code === 0x2d ||
      (code | 0x20) === 0x65
    ) {
      at += 1;
    } else {
      break;
    }
  }
  return at;
}

/** Whether a colon follows: then the string is a member's name. */
function isName(text: string, after: number): boolean {
  for (let at = after; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x3a) return true;
    if (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) return false;
  }
  return false;
}

function isWellFormed(text: string, start: number, end: number): boolean {
  const raw = text.slice(start, end);
  if (!raw.includes('\\u')) return raw.isWellFormed();
  return decode(raw)?.isWellFormed() ?? true;
}

/** What a string literal stands for; `undefined` when it is not one. */
function decode(literal: string): string | undefined {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}

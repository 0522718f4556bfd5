import { Visitor } from 'oxc-parser';
import type { Finding, SourceFile } from './source-file.ts';

/** Names that may not occur in `src/` at all, as an identifier, a property or a string. */
const FORBIDDEN_NAMES: Readonly<Record<string, string>> = {
  NODE_TLS_REJECT_UNAUTHORIZED: 'it switches off the verification of every certificate in the process',
  createBrotliDecompress: 'the bundled Brotli decoder has a known flaw; nothing sent by a peer may reach it',
  brotliDecompress: 'the bundled Brotli decoder has a known flaw; nothing sent by a peer may reach it',
  brotliDecompressSync: 'the bundled Brotli decoder has a known flaw; nothing sent by a peer may reach it',
};

/**
 * Finds calls and settings that no code of ours may contain: those that switch off verification, evaluate text as
 * code, decode Brotli, or take randomness from a source that can be predicted.
 */
export function checkForbiddenCalls(files: readonly SourceFile[]): Finding[] {
  return files.flatMap(checkFile);
}

function checkFile(file: SourceFile): Finding[] {
  const findings: Finding[] = [];
  const refuse = (offset: number, what: string, why: string) => {
    findings.push({ path: file.path, line: file.lineAt(offset), message: `${what} is forbidden: ${why}` });
  };
  const refuseName = (offset: number, name: string) => {
    const why = Object.hasOwn(FORBIDDEN_NAMES, name) ? FORBIDDEN_NAMES[name] : undefined;
    if (why !== undefined) refuse(offset, name, why);
  };
  new Visitor({
    Identifier: (node) => refuseName(node.start, node.name),
    Literal: (node) => {
      if (typeof node.value === 'string') refuseName(node.start, node.value);
    },
    Property: (node) => {
      const name = nameOf(node.key);
      if (name === 'rejectUnauthorized' && !isLiteral(node.value, true)) {
        refuse(node.start, 'rejectUnauthorized other than true', 'a peer that is not verified is anybody');
      }
      if (name === 'insecureHTTPParser' && !isLiteral(node.value, false)) {
        refuse(node.start, 'insecureHTTPParser other than false', 'a lenient parser is what smuggling needs');
      }
    },
    AssignmentExpression: (node) => {
      const { left } = node;
      if (left.type === 'MemberExpression' && nameOf(left.property) === 'rejectUnauthorized') {
        refuse(node.start, 'setting rejectUnauthorized', 'a peer that is not verified is anybody');
      }
    },
    CallExpression: (node) => {
      const { callee } = node;
      if (callee.type === 'Identifier' && callee.name === 'eval') {
        refuse(node.start, 'eval', 'text from outside must never become code');
      }
      if (
        callee.type === 'MemberExpression' &&
        callee.object.type === 'Identifier' &&
        callee.object.name === 'Math' &&
        nameOf(callee.property) === 'random'
      ) {
        refuse(
          node.start,
          'calling Math.random',
          'ids come from node:crypto; jitter from a source that is handed in',
        );
      }
    },
    BinaryExpression: (node) => {
      // A client compares its own secrets, with nobody who could measure.
      if (file.path.startsWith('client/') || !['==', '!=', '===', '!=='].includes(node.operator)) return;
      const { left, right } = node;
      if (!(isSecret(left) && isSomeValue(right)) && !(isSecret(right) && isSomeValue(left))) return;
      refuse(
        node.start,
        `comparing a secret by ${node.operator}`,
        'how long it takes tells how much was right; use timingSafeEqual of node:crypto, or look up its hash',
      );
    },
    NewExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Function') {
        refuse(node.start, 'new Function', 'text from outside must never become code');
      }
    },
  }).visit(file.syntax);
  return findings;
}

/** Names of values that somebody could find out by trying, were the comparison to stop at the first difference. */
const SECRET_NAME = /(secret|password|token|signature|hmac|mac)$/i;

type Operand = { type: string; name?: unknown; property?: unknown };

function isSecret(operand: Operand): boolean {
  const name = lastName(operand);
  return name !== undefined && SECRET_NAME.test(name);
}

/** What a secret would be compared with: `undefined`, a literal or a constant of ours tells nothing. */
function isSomeValue(operand: Operand): boolean {
  if (!['Identifier', 'MemberExpression', 'CallExpression', 'ChainExpression'].includes(operand.type))
    return false;
  return lastName(operand) !== 'undefined';
}

function lastName(operand: Operand): string | undefined {
  if (operand.type === 'Identifier' && typeof operand.name === 'string') return operand.name;
  return operand.type === 'MemberExpression' ? nameOf(operand.property as Key) : undefined;
}

type Key = { type: string; name?: unknown; value?: unknown };

function nameOf(key: Key): string | undefined {
  if (key.type === 'Identifier' && typeof key.name === 'string') return key.name;
  return key.type === 'Literal' && typeof key.value === 'string' ? key.value : undefined;
}

function isLiteral(value: Key, wanted: boolean): boolean {
  return value.type === 'Literal' && value.value === wanted;
}

import { readFileSync } from 'node:fs';
import { dirname, posix, relative, sep } from 'node:path';
import { type Node, parseSync, Visitor } from 'oxc-parser';

/** One import or re-export, static or dynamic. */
export type Import = {
  /** As written: `../store/index.ts`, `node:fs`, `jose`. */
  specifier: string;
  /** Erased before the program runs. */
  typeOnly: boolean;
  line: number;
};

export type SourceFile = {
  /** Path below the source folder, with forward slashes: `proxy/pipeline.ts`. */
  path: string;
  imports: Import[];
  syntax: ReturnType<typeof parseSync>['program'];
  /** Line of an offset into the text, from 1. */
  lineAt(offset: number): number;
};

/** A rule's finding; printed as `path:line message`. */
export type Finding = { path: string; line: number; message: string };

/** Parses one file. @throws Error naming the file when its syntax is wrong. */
export function readSourceFile(folder: string, file: string): SourceFile {
  const text = readFileSync(file, 'utf8');
  const parsed = parseSync(file, text);
  const [error] = parsed.errors;
  if (error) throw new Error(`${file}: ${error.message}`);
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;
  return {
    path: relative(folder, file).split(sep).join('/'),
    imports: importsOf(parsed.program, lineAt),
    syntax: parsed.program,
    lineAt,
  };
}

/** Where a relative import leads, below the source folder; `undefined` for packages and Node's modules. */
export function targetOf(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.normalize(posix.join(dirname(path), specifier));
}

function importsOf(program: SourceFile['syntax'], lineAt: (offset: number) => number): Import[] {
  const imports: Import[] = [];
  const add = (source: Node | null, typeOnly: boolean) => {
    if (source?.type === 'Literal' && typeof source.value === 'string') {
      imports.push({ specifier: source.value, typeOnly, line: lineAt(source.start) });
    }
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source, node.importKind === 'type'),
    ExportNamedDeclaration: (node) => add(node.source, node.exportKind === 'type'),
    ExportAllDeclaration: (node) => add(node.source, node.exportKind === 'type'),
    ImportExpression: (node) => add(node.source, false),
    TSImportType: (node) => add(node.source, true),
  }).visit(program);
  return imports;
}

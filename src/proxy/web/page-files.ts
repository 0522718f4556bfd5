import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

/** One file of the page, ready to be sent. */
export interface PageFile {
  /** The path of its address: `/` for the document, `/assets/NAME` for the rest. */
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
  /** Compressed, where that saves something. */
  readonly gzipped: Buffer | undefined;
  /** Strong (RFC 9110 section 8.8.3), of the plain form. */
  readonly etag: string;
}

/** Every kind of file that a build may hold. Any other one is not served: it was not meant to be there. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/** A build has about ten; more means that the folder is another one. */
const filesMost = 200;
/** Bytes of one file. */
const bytesMost = 4 * 1024 * 1024;

const compress = promisify(gzip);

/**
 * Reads a built page into memory, once: what is served can then neither change under a reader nor be talked into leaving
 * its folder by a path. `undefined` when nothing was built there.
 *
 * @throws Error when the folder holds what no build makes
 */
export async function readPageFiles(folder: string): Promise<readonly PageFile[] | undefined> {
  const names = await listFiles(folder);
  if (!names.includes('index.html')) return undefined;
  if (names.length > filesMost)
    throw new Error(`${folder} holds ${names.length} files; that is no built page.`);
  const files: PageFile[] = [];
  for (const name of names) {
    const type = types[extname(name)];
    if (type !== undefined) files.push(await readPageFile(folder, { name, type }));
  }
  return files;
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

async function readPageFile(
  folder: string,
  { name, type }: { readonly name: string; readonly type: string },
): Promise<PageFile> {
  const body = await readFile(join(folder, name));
  if (body.length > bytesMost)
    throw new Error(`${name} has ${body.length} bytes; that is no part of a built page.`);
  const gzipped = await compress(body, { level: constants.Z_BEST_COMPRESSION });
  return {
    path: name === 'index.html' ? '/' : `/${name}`,
    type,
    body,
    gzipped: gzipped.length < body.length ? gzipped : undefined,
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
  };
}

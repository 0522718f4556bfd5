import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { accepts } from './accepts-encoding.ts';
import { type PageFile, readPageFiles } from './page-files.ts';

export interface WebPageOptions {
  /** Where the page was built. */
  readonly folder: string;
}

/**
 * What the page may do: load its own scripts, styles and images, and talk to its own server. No inline code, no evaluated
 * text, no markup from strings (Trusted Types), no frame around it, and nothing from any other host.
 */
const pageContentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** No feature of the browser that the page does not use. Copying and sharing are by a press of a button. */
const permissions = 'camera=(), geolocation=(), microphone=(), payment=(), usb=()';

/** The build names assets by their content, so that a name means the same for ever. */
const namedByContent = /^\/assets\/.+-[\w-]{8,}\.\w+$/;
const forEver = 'public, max-age=31536000, immutable';
/** The document names the assets of its build, so it is asked for every time, and mostly answered with 304. */
const askAgain = 'no-cache';

/** The page in the browser, as routes for exactly its files; `undefined` when none was built. @throws Error for a strange folder */
export async function webPage({ folder }: WebPageOptions): Promise<FastifyPluginAsync | undefined> {
  const files = await readPageFiles(folder);
  if (files === undefined) return undefined;
  return async (scope) => {
    for (const file of files) {
      scope.get(file.path, async (request, reply) => await send(file, request, reply));
    }
  };
}

async function send(file: PageFile, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { gzipped } = file;
  const compressed = gzipped !== undefined && accepts('gzip', request.headers['accept-encoding']);
  // Two forms of one file are two representations, and strong tags must differ (RFC 9110 section 8.8.1).
  const etag = compressed ? file.etag.replace(/"$/, '-gzip"') : file.etag;
  reply.headers({
    'content-security-policy': pageContentPolicy,
    'permissions-policy': permissions,
    'cache-control': namedByContent.test(file.path) ? forEver : askAgain,
    vary: 'Accept-Encoding',
    etag,
  });
  if (matches(request.headers['if-none-match'], etag)) return await reply.code(304).send();
  if (compressed) reply.header('content-encoding', 'gzip');
  return await reply.type(file.type).send(compressed ? gzipped : file.body);
}

/** RFC 9110 section 13.1.2, by weak comparison. */
function matches(field: string | undefined, etag: string): boolean {
  if (field === undefined) return false;
  return field.split(',').some((each) => {
    const candidate = each.trim().replace(/^W\//, '');
    return candidate === '*' || candidate === etag;
  });
}

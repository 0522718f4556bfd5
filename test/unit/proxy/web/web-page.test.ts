import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { webPage } from '../../../../src/proxy/web/web-page.ts';

const script = 'export const squares = 9;\n'.repeat(50);
const scriptPath = '/assets/index-Ab3_x-9Z.js';
let folder: string;
let app: FastifyInstance;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'castling-page-'));
  mkdirSync(join(folder, 'assets'));
  mkdirSync(join(folder, '.vite'));
  writeFileSync(join(folder, 'index.html'), `<!doctype html><title>Castling</title>${' '.repeat(500)}`);
  writeFileSync(join(folder, scriptPath), script);
  writeFileSync(join(folder, 'assets', 'tiny-Ab3_x-9Z.svg'), '<svg/>');
  writeFileSync(join(folder, 'assets', 'index-Ab3_x-9Z.js.map'), '{}');
  writeFileSync(join(folder, '.vite', 'manifest.json'), '{}');
  writeFileSync(join(folder, 'package.json'), '{}');
  const plugin = await webPage({ folder });
  if (plugin === undefined) throw new Error('nothing was built');
  app = fastify();
  await app.register(plugin);
});
afterEach(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });

describe('the page over HTTP', () => {
  it('B20 has a policy that allows its own files and nothing else', async () => {
    const policy = String((await get('/')).headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    for (const directive of ["object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]) {
      expect(policy.split('; ')).toContain(directive);
    }
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
  });

  it('keeps what is named by its content for ever, and asks again for the document', async () => {
    expect((await get(scriptPath)).headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await get('/')).headers['cache-control']).toBe('no-cache');
  });

  it('compresses with gzip for those who accept it, and never with anything else', async () => {
    const compressed = await get(scriptPath, { 'accept-encoding': 'gzip, br, zstd' });
    expect(compressed.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(compressed.rawPayload).toString()).toBe(script);
    expect(compressed.headers.vary).toBe('Accept-Encoding');
    const plain = await get(scriptPath, { 'accept-encoding': 'br' });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.body).toBe(script);
    expect(plain.headers.etag).not.toBe(compressed.headers.etag);
    // What compression makes longer stays as it is.
    const tiny = await get('/assets/tiny-Ab3_x-9Z.svg', { 'accept-encoding': 'gzip' });
    expect(tiny.headers['content-encoding']).toBeUndefined();
  });

  it('answers 304 to whoever has it', async () => {
    const etag = String((await get('/')).headers.etag);
    for (const field of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await get('/', { 'if-none-match': field });
      expect([field, again.statusCode, again.body]).toEqual([field, 304, '']);
    }
    expect((await get('/', { 'if-none-match': '"other"' })).statusCode).toBe(200);
  });

  it('answers HEAD without a body', async () => {
    const head = await app.inject({ method: 'HEAD', url: '/' });
    expect([head.statusCode, head.body]).toEqual([200, '']);
  });

  it.each([
    '/index.html',
    '/package.json',
    '/.git/config',
    '/.vite/manifest.json',
    `${scriptPath}.map`,
    '/assets/',
    '/assets/../package.json',
    '/assets/..%2f..%2fpackage.json',
    '/%2e%2e/package.json',
    '/match/m_AAAAAAAAAAAAAAAA',
  ])('G7 serves nothing else: %s', async (url) => {
    expect((await get(url)).statusCode).toBe(404);
  });
});

describe('a folder that is no page', () => {
  it('is nothing to serve when it is empty or missing', async () => {
    expect(await webPage({ folder: join(folder, 'assets') })).toBeUndefined();
    expect(await webPage({ folder: join(folder, 'missing') })).toBeUndefined();
  });

  it('is refused when it holds more than a build makes', async () => {
    for (let number = 0; number < 250; number++) writeFileSync(join(folder, `${number}.js`), '');
    await expect(webPage({ folder })).rejects.toThrow(/no built page/);
  });
});

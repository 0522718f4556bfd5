import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const built = join(import.meta.dirname, '..', '..', 'dist', 'web');
/** Bytes of script, compressed as they travel, until the first match can be played. */
const scriptBudget = 70 * 1024;

const files = readdirSync(built, { recursive: true, encoding: 'utf8' });
const read = (name: string) => readFileSync(join(built, name));
const compressed = (name: string) => gzipSync(read(name), { level: constants.Z_BEST_COMPRESSION }).length;

describe('the built page', () => {
  it('needs at most 70 KiB of compressed script for the first match', () => {
    const html = read('index.html').toString();
    const scripts = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(
      ([, path]) => path ?? '',
    );
    expect(scripts.length).toBeGreaterThan(0);
    const total = scripts.reduce((sum, path) => sum + compressed(path), 0);
    process.stdout.write(`scripts of the first match: ${total} of ${scriptBudget} bytes, compressed\n`);
    expect(total).toBeLessThanOrEqual(scriptBudget);
  });

  it('G7 holds no source map, and names no other host', () => {
    expect(files.filter((name) => name.endsWith('.map'))).toEqual([]);
    const hosts = files
      .filter((name) => /\.(?:html|js|css)$/.test(name))
      .flatMap((name) => [
        ...read(name)
          .toString()
          .matchAll(/(?:https?|wss?):\/\/([\w.-]+)/g),
      ])
      .map(([, host]) => host)
      // The name of a markup language, which nobody fetches.
      .filter((host) => host !== 'www.w3.org');
    expect(hosts).toEqual([]);
  });

  it('B20 has nothing inline', () => {
    const html = read('index.html').toString();
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:/i);
  });
});

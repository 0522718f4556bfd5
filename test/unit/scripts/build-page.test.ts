import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildPage } from '../../../scripts/bootstrap/build-page.js';

let root: string;
const page = () => join(root, 'dist', 'web', 'index.html');
/** How often the builder ran. */
const builds = () => (existsSync(join(root, 'builds')) ? readFileSync(join(root, 'builds')).length : 0);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'castling-build-'));
  mkdirSync(join(root, 'src', 'client', 'web'), { recursive: true });
  mkdirSync(join(root, 'node_modules', 'vite', 'bin'), { recursive: true });
  writeFileSync(join(root, 'src', 'client', 'web', 'main.tsx'), 'one');
  writeFileSync(join(root, 'package-lock.json'), '{}');
  useBuilder(`
    import { appendFileSync, copyFileSync, mkdirSync } from 'node:fs';
    const out = process.argv[process.argv.indexOf('--outDir') + 1];
    appendFileSync('builds', '.');
    mkdirSync(out);
    copyFileSync('src/client/web/main.tsx', out + '/index.html');
  `);
});
afterEach(() => rmSync(root, { recursive: true }));

function useBuilder(code: string): void {
  writeFileSync(join(root, 'node_modules', 'vite', 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'node_modules', 'vite', 'bin', 'vite.js'), code);
}

describe('building the page', () => {
  it('builds when there is none, and not again while nothing changed', async () => {
    await buildPage(root, process.execPath);
    await buildPage(root, process.execPath);
    expect(readFileSync(page(), 'utf8')).toBe('one');
    expect(builds()).toBe(1);
  });

  it.each(['src/client/web/main.tsx', 'src/client/web/new.css', 'package-lock.json', 'vite.config.ts'])(
    'builds again after a change of %s',
    async (file) => {
      await buildPage(root, process.execPath);
      writeFileSync(join(root, file), 'two');
      await buildPage(root, process.execPath);
      expect(builds()).toBe(2);
    },
  );

  it('keeps the old page and leaves nothing behind when a build fails, and says why', async () => {
    await buildPage(root, process.execPath);
    writeFileSync(join(root, 'src', 'client', 'web', 'main.tsx'), 'broken');
    useBuilder(`console.error('main.tsx: unexpected token'); process.exit(1);`);
    await expect(buildPage(root, process.execPath)).rejects.toMatchObject({
      name: 'BootstrapError',
      exitCode: 70,
      message: expect.stringContaining('main.tsx: unexpected token'),
    });
    expect(readFileSync(page(), 'utf8')).toBe('one');
    expect(readdirSync(join(root, 'dist'))).toEqual(['web']);
  });
});

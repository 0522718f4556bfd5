// `npm run build`, and before `npm pack`: JavaScript in dist/, since Node strips no types under node_modules.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src');
const dist = join(root, 'dist');

/** Built by another tool, with its own data. */
const PAGE = join('client', 'web');

rmSync(dist, { recursive: true, force: true });
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
});
if (status === 0) {
  // Data that the program reads at run time lies beside its source, and keeps its place.
  /** @param {string} path */
  const isData = (path) => !['.ts', '.tsx', '.md'].includes(extname(path)) && relative(source, path) !== PAGE;
  cpSync(source, dist, { recursive: true, filter: isData });
}
process.exitCode = status ?? 1;

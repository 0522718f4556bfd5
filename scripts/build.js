// `npm run build`, and before `npm pack`: JavaScript in dist/, since Node strips no types under node_modules.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
});
if (status === 0) {
  // Data that the program reads at run time lies beside its source, and keeps its place.
  /** @param {string} path */
  const isData = (path) => !['.ts', '.md'].includes(extname(path));
  cpSync(join(root, 'src'), dist, { recursive: true, filter: isData });
}
process.exitCode = status ?? 1;

// `npm run build`, and before `npm pack`: JavaScript and the bill of materials in dist/, since Node strips no types under node_modules.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeBillOfMaterials } from './bill-of-materials.js';
import { buildPage } from './bootstrap/build-page.js';
import { findNode } from './pinned-node.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src');
const dist = join(root, 'dist');

/** The page is built by another tool, into a folder of its own in dist/. */
const PAGE = { source: join('client', 'web'), built: 'web' };

for (const built of existsSync(dist) ? readdirSync(dist) : []) {
  if (built !== PAGE.built) rmSync(join(dist, built), { recursive: true });
}
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
});
if (status === 0) {
  // Data that the program reads at run time lies beside its source, and keeps its place.
  /** @param {string} path */
  const isData = (path) =>
    !['.ts', '.tsx', '.md'].includes(extname(path)) && relative(source, path) !== PAGE.source;
  cpSync(source, dist, { recursive: true, filter: isData });
  writeBillOfMaterials(root, join(dist, 'sbom.cdx.json'));
  await buildPage(root, findNode(root) ?? process.execPath);
}
process.exitCode = status ?? 1;

// Plain JavaScript for Node 20 and newer, since the build runs it.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of what npm needs in the worst case, bytes. */
const mostOutput = 64 * 1024 * 1024;

/**
 * Writes the bill of materials of what runs in production (CycloneDX, by `npm sbom`), as the lock file has it.
 *
 * npm's own `--omit dev` leaves out what a development dependency has for an optional peer, though production needs it, too (`yaml`,
 * for one). So all is asked for, and what production reaches in the bill's own graph is kept.
 *
 * @param {string} root The clone.
 * @param {string} path Where to.
 */
export function writeBillOfMaterials(root, path) {
  const bill = askNpm(root);
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  /** @type {Map<string, string[]>} */
  const graph = new Map(bill.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  const kept = new Set(Object.entries(dependencies).map(([name, version]) => `${name}@${version}`));
  // A set is walked in order, and what is added meanwhile comes last.
  for (const ref of kept) for (const next of graph.get(ref) ?? []) kept.add(next);

  const { component } = bill.metadata;
  // npm takes the folder's name, which is anything in a clone.
  component.name = 'castling';
  bill.components = bill.components.filter((each) => kept.has(each['bom-ref']));
  bill.dependencies = bill.dependencies.flatMap(({ ref, dependsOn }) => {
    const isRoot = ref === component['bom-ref'];
    return isRoot || kept.has(ref) ? [{ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) }] : [];
  });
  writeFileSync(path, `${JSON.stringify(bill, undefined, 2)}\n`);
}

/**
 * @param {string} root
 * @returns {Bill}
 */
function askNpm(root) {
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'],
    // On Windows npm is a script of the shell's.
    { cwd: root, encoding: 'utf8', maxBuffer: mostOutput, shell: process.platform === 'win32' },
  );
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr}`);
  return JSON.parse(stdout);
}

/**
 * @typedef {{
 *   metadata: { component: { name: string, 'bom-ref': string } },
 *   components: { name: string, 'bom-ref': string }[],
 *   dependencies: { ref: string, dependsOn: string[] }[],
 * }} Bill
 */

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode, LEAST_MAJOR } from '../pinned-node.js';
import { runChild } from '../run-child.js';
import { BootstrapError } from './bootstrap-error.js';
import { buildPage } from './build-page.js';
import { installDependencies } from './install-dependencies.js';
import { linkCommand } from './link-command.js';

/**
 * What each npm script runs, once the dependencies are there: a program, and its first arguments.
 *
 * @type {Readonly<Record<string, { program: string, args: string[] }>>}
 */
const VERBS = {
  start: { program: 'src/main.ts', args: ['start'] },
  test: { program: 'scripts/test-run/main.ts', args: [] },
  check: { program: 'scripts/check/main.ts', args: [] },
  certs: { program: 'scripts/dev-certs.ts', args: [] },
  bench: { program: 'test/bench/main.ts', args: [] },
  'bench:setup': { program: 'test/bench/setup.ts', args: [] },
};

/**
 * Makes a clone ready to run, then runs `npm start`, `npm test`, `npm run check`, `npm run certs` or `npm run bench` on the pinned Node and ends with its exit code.
 *
 * @param {string | undefined} verb
 * @param {string[]} args passed on
 */
export async function main(verb, args) {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  try {
    const chosen = VERBS[verb ?? ''];
    if (chosen === undefined)
      throw new BootstrapError(
        'usage: node scripts/bootstrap.js start|test|check|certs|bench|bench:setup',
        64,
      );
    await installDependencies(root);
    linkCommand(root);
    const node = findNode(root);
    if (node === undefined) {
      throw new BootstrapError(
        `there is no prebuilt Node for ${process.platform} on ${process.arch}; install Node ${LEAST_MAJOR} or newer and run the same command again.`,
        78,
      );
    }
    if (verb === 'start' || verb === 'test') await buildPage(root, node);
    const program = join(root, chosen.program);
    process.exitCode = await runChild(node, [program, ...chosen.args, ...args], { endsWithParent: true });
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    process.stderr.write(`castling: ${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}

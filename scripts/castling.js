#!/usr/bin/env node
// The `castling` command. Plain JavaScript for Node 20 and newer: it finds the Node and the program to run.
import { existsSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findNode, LEAST_MAJOR } from './pinned-node.js';
import { runChild } from './run-child.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// Type stripping refuses files under node_modules, so the published package carries JavaScript in dist/.
const isClone = existsSync(join(root, 'src', 'main.ts')) && !root.split(sep).includes('node_modules');
const program = join(root, isClone ? 'src/main.ts' : 'dist/main.js');

const node = findNode(root);
if (isClone && !existsSync(join(root, 'node_modules', 'commander'))) {
  refuse('its dependencies are not installed yet; run `npm start` once, or `npm ci --ignore-scripts`.');
} else if (node === undefined) {
  refuse(`it needs Node ${LEAST_MAJOR} or newer and this is ${process.versions.node}; install a newer Node.`);
} else if (node === process.execPath) {
  await import(pathToFileURL(program).href);
} else {
  process.exitCode = await runChild(node, [program, ...process.argv.slice(2)]);
}

/** @param {string} why */
function refuse(why) {
  process.stderr.write(`castling: cannot start, since ${why}\n`);
  process.exitCode = 78;
}

// Plain JavaScript for Node 20 and newer.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** How often to look whether the parent is still there, in milliseconds. */
const LOOK_EVERY_MS = 500;

/** @type {NodeJS.Signals[]} */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program in this one's place: same terminal, signals passed on, its exit code returned (128 + n when a signal
 * ended it, as a shell counts).
 *
 * A terminal sends SIGINT to every process of the group, the child included, so that one is passed on only where no
 * terminal did it. This process itself ignores it: the child decides when to end.
 *
 * With `endsWithParent`, the child is told to end when this process's parent has gone: a SIGTERM to npm ends npm and
 * its shell, and reaches nobody below.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ endsWithParent?: boolean }} [options]
 * @returns {Promise<number>}
 */
export function runChild(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    /** @param {NodeJS.Signals} signal */
    const passOn = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    for (const signal of PASSED_ON) process.on(signal, passOn);
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (options.endsWithParent && process.ppid !== parent) {
        clearInterval(watch);
        child.kill('SIGTERM');
      }
    }, LOOK_EVERY_MS);
    const forget = () => {
      clearInterval(watch);
      for (const signal of PASSED_ON) process.off(signal, passOn);
    };
    child.once('error', (error) => {
      forget();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      forget();
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}

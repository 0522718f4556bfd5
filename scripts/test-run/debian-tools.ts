import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program that tests call, the Debian package that has it, and which tests need it. */
export type DebianTool = { tool: string; package: string; neededBy: string };

/** The one place where a test's need of a program of the system is written down. */
export const DEBIAN_TOOLS: readonly DebianTool[] = [
  {
    tool: 'openssl',
    package: 'openssl',
    neededBy: 'certificates (A14), the link’s refusals (A11), TLS 1.3 on the wire',
  },
  { tool: 'sslscan', package: 'sslscan', neededBy: 'protocols and ciphers (A1)' },
  {
    tool: 'strace',
    package: 'strace',
    neededBy: 'no file named by a token’s kid (C5), what a process opens',
  },
  { tool: 'faketime', package: 'faketime', neededBy: 'clocks that differ (C11)' },
  { tool: 'tmux', package: 'tmux', neededBy: 'the board drawn in a terminal' },
  { tool: 'ps', package: 'procps', neededBy: 'no password in an argument list (D11)' },
  { tool: 'chromium', package: 'chromium', neededBy: 'the page in a browser (B20, F4, G6)' },
  { tool: 'slowhttptest', package: 'slowhttptest', neededBy: 'slow requests and slow readers (B12)' },
  { tool: 'ip', package: 'iproute2', neededBy: 'networks of a test’s own (B13, B14)' },
  { tool: 'nft', package: 'nftables', neededBy: 'a peer that vanishes without a word (B14)' },
  { tool: 'git', package: 'git', neededBy: 'a fresh clone starts and tests itself' },
];

/** What the nightly run needs beside it. */
const NIGHTLY_TOOLS: readonly DebianTool[] = [
  { tool: 'testssl', package: 'testssl.sh', neededBy: 'known weaknesses of TLS (A2)' },
  { tool: 'dig', package: 'dnsutils', neededBy: 'testssl (A2), which looks for it at its start' },
  { tool: 'pebble', package: 'pebble', neededBy: 'certificates by ACME (A15)' },
  { tool: 'promtool', package: 'prometheus', neededBy: 'the alert rules' },
];

/** The tools of one run. */
export function toolsFor(run: 'every' | 'nightly'): readonly DebianTool[] {
  return run === 'nightly' ? [...DEBIAN_TOOLS, ...NIGHTLY_TOOLS] : DEBIAN_TOOLS;
}

/** The machine, as far as provisioning looks at it. */
export type Machine = {
  has(tool: string): boolean;
  isDebian: boolean;
  isRoot: boolean;
  /** Runs a program with its output shown; returns its exit code. */
  run(program: string, args: string[]): number;
};

/**
 * Installs the tools that are missing, where this account may: as root on Debian or Ubuntu.
 *
 * @throws Error with one sentence that names the packages to install.
 */
export function provideTools(
  tools: readonly DebianTool[] = DEBIAN_TOOLS,
  machine: Machine = thisMachine(),
): void {
  const missing = () => tools.filter(({ tool }) => !machine.has(tool));
  const packages = missing().map((each) => each.package);
  if (packages.length === 0) return;
  if (machine.isDebian && machine.isRoot) {
    process.stdout.write(`Installing what the tests need: ${packages.join(' ')}…\n`);
    // Fresh package lists first: those of an image may name versions that the mirrors no longer have.
    machine.run('apt-get', ['update', '-qq']);
    machine.run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages]);
    if (missing().length === 0) return;
  }
  const list = missing().map(({ tool, neededBy }) => `${tool} (${neededBy})`);
  const command = `apt-get install ${missing()
    .map((each) => each.package)
    .join(' ')}`;
  throw new Error(`The tests need ${list.join(', ')}; install them, on Debian with: ${command}`);
}

function thisMachine(): Machine {
  return {
    has: isOnPath,
    isDebian: existsSync('/etc/debian_version'),
    isRoot: process.getuid?.() === 0,
    run: (program, args) =>
      spawnSync(program, args, {
        stdio: ['ignore', 'inherit', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      }).status ?? 1,
  };
}

function isOnPath(tool: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

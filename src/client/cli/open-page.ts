import { spawn } from 'node:child_process';
import { platform } from 'node:os';
import type { Terminal } from './terminal.ts';

/** The program that opens an address in the person's browser, and what it is given; none where nobody sits before a screen. */
function opener(env: Terminal['env']): readonly [string, ...string[]] | undefined {
  switch (platform()) {
    case 'darwin':
      return ['open'];
    case 'win32':
      return ['rundll32', 'url.dll,FileProtocolHandler'];
    default:
      return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : undefined;
  }
}

/**
 * Opens an address of the server in the browser, where there is one to be seen. It is printed anyway, so nobody waits for this and
 * nobody hears of its failure.
 */
export function openPage({ stdout, env }: Terminal, address: string): void {
  const [program, ...before] = (stdout.isTTY === true ? opener(env) : undefined) ?? [];
  if (program === undefined) return;
  const child = spawn(program, [...before, address], { detached: true, stdio: 'ignore' });
  child.on('error', () => {});
  child.unref();
}

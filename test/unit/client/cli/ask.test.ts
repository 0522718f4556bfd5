import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askSecret, readSecretLine } from '../../../../src/client/cli/ask.ts';
import { obtainPassword } from '../../../../src/client/cli/password.ts';
import type { Terminal } from '../../../../src/client/cli/terminal.ts';

function terminal(isTTY = true): { terminal: Terminal; shown: string[]; stdin: PassThrough } {
  const shown: string[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY, ...(isTTY && { setRawMode() {} }) });
  const output = { isTTY, write: (text: string) => shown.push(text) };
  return { terminal: { stdin, stdout: output, stderr: output, env: {} }, shown, stdin };
}

describe('D11 asking for a password', () => {
  it('shows nothing of what is typed', async () => {
    const { terminal: asked, shown, stdin } = terminal();
    stdin.write('secr\u007fret\r');
    expect(await askSecret(asked, 'Password: ')).toBe('secret');
    expect(shown.join('')).toBe('Password: \n');
  });

  it('starts over at Ctrl-U and gives up at Ctrl-C', async () => {
    const first = terminal();
    first.stdin.write('wrong\u0015right\n');
    expect(await askSecret(first.terminal, '')).toBe('right');
    const second = terminal();
    second.stdin.write('abc\u0003');
    await expect(askSecret(second.terminal, '')).rejects.toMatchObject({
      code: 'interrupted',
      exitCode: 130,
    });
  });

  it('asks twice for a new one, and again when the two differ', async () => {
    const { terminal: asked, shown, stdin } = terminal();
    stdin.write('one\rtwo\rthree\rthree\r');
    expect(await obtainPassword(asked, { fromStdin: false, isNew: true })).toBe('three');
    expect(shown.join('')).toContain('These two differ');
  });

  it('takes a pasted password and its repetition in one piece', async () => {
    const { terminal: asked, stdin } = terminal();
    stdin.write('both at once\rboth at once\r');
    expect(await obtainPassword(asked, { fromStdin: false, isNew: true })).toBe('both at once');
  });

  it('reads one line of a pipe, spaces and all, and not the line end', async () => {
    const { terminal: piped, stdin } = terminal(false);
    stdin.end(' pass word \r\nnext line\n');
    expect(await readSecretLine(piped)).toBe(' pass word ');
  });

  it('does not ask where there is no terminal, and does not send an empty one', async () => {
    const piped = terminal(false);
    await expect(obtainPassword(piped.terminal, { fromStdin: false, isNew: false })).rejects.toMatchObject({
      code: 'password_missing',
      exitCode: 64,
    });
    piped.stdin.end('\n');
    await expect(obtainPassword(piped.terminal, { fromStdin: true, isNew: false })).rejects.toMatchObject({
      code: 'password_missing',
    });
  });
});

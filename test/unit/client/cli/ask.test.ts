import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askSecret } from '../../../../src/client/cli/ask.ts';
import { presentPassword, Secrets } from '../../../../src/client/cli/secrets.ts';
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
    expect(await new Secrets(asked).askNew()).toBe('three');
    expect(shown.join('')).toContain('These two differ');
  });

  it('takes a pasted password and its repetition in one piece', async () => {
    const { terminal: asked, stdin } = terminal();
    stdin.write('both at once\rboth at once\r');
    expect(await new Secrets(asked).askNew()).toBe('both at once');
  });

  it('reads a pipe line by line, spaces and all, and not the line end', async () => {
    const { terminal: piped, stdin } = terminal(false);
    const secrets = new Secrets(piped, { fromStdin: true });
    stdin.write(' pass word \r\n');
    // The pipe stays open: what is not needed is not waited for.
    expect(await secrets.ask(presentPassword)).toBe(' pass word ');
    stdin.write('123');
    stdin.end('456');
    expect(await secrets.askCode(1)).toBe('123456');
    expect(await secrets.askCode(2)).toBeUndefined();
    await expect(secrets.askNew()).rejects.toMatchObject({ code: 'password_missing' });
  });

  it('asks for a code three times', async () => {
    const { terminal: asked, stdin, shown } = terminal();
    const secrets = new Secrets(asked);
    stdin.write('1\r2\r3\r4\r');
    const codes = [await secrets.askCode(1), await secrets.askCode(2), await secrets.askCode(3)];
    expect(codes).toEqual(['1', '2', '3']);
    expect(await secrets.askCode(4)).toBeUndefined();
    expect(shown.join('')).toContain('That code is wrong');
  });

  it('does not ask where there is no terminal, and does not send an empty one', async () => {
    const piped = terminal(false);
    await expect(new Secrets(piped.terminal).ask(presentPassword)).rejects.toMatchObject({
      code: 'password_missing',
      exitCode: 64,
    });
    piped.stdin.end('\n');
    await expect(new Secrets(piped.terminal, { fromStdin: true }).ask(presentPassword)).rejects.toMatchObject(
      {
        code: 'password_missing',
      },
    );
  });
});

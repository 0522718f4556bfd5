import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { runCli } from '../support/cli-process.ts';

const user = { home: tmpdir(), url: 'https://localhost:1' };

it('castling without arguments prints its help, and that is no mistake', async () => {
  const { code, stdout, stderr } = await runCli([], user);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^Usage: castling/);
  expect(stdout).toContain('castling play tic-tac-toe');
});

it('but a command that there is not is one', async () => {
  const { code, stdout, stderr } = await runCli(['conquer'], user);
  expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
  expect(stderr).toContain('castling --help');
});

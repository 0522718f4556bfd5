import { describe, expect, it } from 'vitest';
import { OperatorError } from '../../../src/process/operator-error.ts';
import { runCommand } from '../../../src/process/run-command.ts';

async function outcomeOf(action: () => Promise<void> | void, env: Record<string, string> = {}) {
  let stderr = '';
  const exits: number[] = [];
  const write = (text: string) => {
    stderr += text;
  };
  await runCommand(action, { stderr: { write }, env, exit: (code) => void exits.push(code) });
  return { stderr, exits };
}

describe('runCommand', () => {
  it('is silent, and ends nothing, when the action succeeds', async () => {
    expect(await outcomeOf(async () => {})).toEqual({ stderr: '', exits: [] });
  });

  it('prints the sentence of an operator error, without a stack, and ends with its code', async () => {
    const outcome = await outcomeOf(() => {
      throw new OperatorError('port_taken', 'Port 1 is taken.');
    });
    expect(outcome).toEqual({ stderr: 'castling: Port 1 is taken.\n', exits: [69] });
  });

  it('calls any other error a fault, and shows its stack only when asked to', async () => {
    const action = () => Promise.reject(new TypeError('x is not a function'));
    const plain = await outcomeOf(action);
    expect(plain.exits).toEqual([70]);
    expect(plain.stderr.trim().split('\n')).toHaveLength(1);
    expect(plain.stderr).toContain('x is not a function');
    const debug = await outcomeOf(action, { CASTLING_DEBUG: '1' });
    expect(debug.stderr).toMatch(/\n {4}at /);
  });

  it('prints neither secrets nor control characters', async () => {
    const { stderr } = await outcomeOf(() => {
      throw new Error('postgres://u:canary@h/ \u001b[2J crt_abcdefghijklmnopqrstuvwxyz');
    });
    for (const leak of ['canary', 'crt_abc', '\u001b']) expect(stderr).not.toContain(leak);
  });
});

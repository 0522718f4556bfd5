import { describe, expect, it } from 'vitest';
import { explainNpmFailure } from '../../../scripts/bootstrap/explain-npm-failure.js';

describe('explainNpmFailure', () => {
  it.each([
    ['npm error code ENOTFOUND', 69, /network/],
    ['npm error code ECONNREFUSED\nnpm error errno ECONNREFUSED', 69, /network/],
    ['npm error code ENOSPC\nnpm error nospc write', 75, /disk is full/],
    ['npm warn tar TAR_ENTRY_ERROR ENOSPC: no space left on device, write', 75, /disk is full/],
    ['npm error code EROFS', 78, /read-only/],
    ['npm error code EACCES', 78, /may not write/],
    ['npm error code EINTEGRITY', 78, /not the one that package-lock\.json names/],
  ])('%s is one sentence', (output, exitCode, words) => {
    const error = explainNpmFailure(output, 1);
    expect(error.exitCode).toBe(exitCode);
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain('\n');
  });

  it('gives npm’s last words when it knows no better', () => {
    const output = Array.from({ length: 50 }, (_, line) => `line ${line}`).join('\n');
    const { message } = explainNpmFailure(output, 7);
    expect(message).toContain('ended with 7');
    expect(message).toContain('line 49');
    expect(message).not.toContain('line 30');
  });
});

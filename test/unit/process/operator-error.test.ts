import { describe, expect, it } from 'vitest';
import { ExitCode } from '../../../src/process/exit-code.ts';
import { OPERATOR_ERRORS, OperatorError } from '../../../src/process/operator-error.ts';

describe('OperatorError', () => {
  it('ends the process as its code says, unless the thrower knows better', () => {
    expect(new OperatorError('port_taken', 'x').exitCode).toBe(ExitCode.unavailable);
    expect(new OperatorError('certificate_invalid', 'x').exitCode).toBe(ExitCode.configuration);
    expect(new OperatorError('certificate_invalid', 'x', { exitCode: ExitCode.failure }).exitCode).toBe(1);
  });

  it('keeps its cause, and has none where none was given', () => {
    const cause = new Error('system');
    expect(new OperatorError('usage', 'x', { cause }).cause).toBe(cause);
    expect('cause' in new OperatorError('usage', 'x')).toBe(false);
  });

  it('never ends the process as if all had gone well', () => {
    for (const { exitCode } of Object.values(OPERATOR_ERRORS)) expect(exitCode).toBeGreaterThan(0);
  });
});

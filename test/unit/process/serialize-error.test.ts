import { describe, expect, it } from 'vitest';
import { serializeError, serializeErrorsWithin } from '../../../src/process/serialize-error.ts';

describe('serializeError', () => {
  it('keeps type, message, stack, own properties and the chain of causes', () => {
    const inner = Object.assign(new Error('connect'), { code: 'ECONNREFUSED', port: 7878 });
    const serialized = serializeError(new TypeError('outer', { cause: inner }));
    expect(serialized).toMatchObject({
      type: 'TypeError',
      message: 'outer',
      stack: expect.stringContaining('TypeError: outer'),
      cause: { type: 'Error', message: 'connect', code: 'ECONNREFUSED', port: 7878 },
    });
  });

  it('keeps the errors of an aggregate, and no more than eight', () => {
    const many = Array.from({ length: 20 }, (_, index) => new Error(`no ${index}`));
    const { errors } = serializeError(new AggregateError(many, 'all failed'));
    expect(errors).toHaveLength(8);
  });

  it('ends a chain of causes that leads back to itself', () => {
    const error: Error = new Error('round');
    error.cause = error;
    expect(JSON.stringify(serializeError(error)).length).toBeLessThan(20_000);
  });

  it('keeps a cause that is no error', () => {
    expect(serializeError(new Error('x', { cause: { reason: 'y', size: 10n } })).cause).toEqual({
      reason: 'y',
      size: '10',
    });
  });
});

describe('serializeErrorsWithin', () => {
  it('finds errors inside lists and plain objects, and leaves other instances alone', () => {
    const when = new Date(0);
    const result = serializeErrorsWithin({ list: [{ why: new RangeError('far') }], when });
    expect(result).toMatchObject({ list: [{ why: { type: 'RangeError', message: 'far' } }], when });
  });
});

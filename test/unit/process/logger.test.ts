import { describe, expect, it } from 'vitest';
import { createLogger, type LoggerOptions } from '../../../src/process/logger.ts';

function capture(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const destination = { write: (text: string) => void lines.push(text) };
  return { lines, logger: createLogger({ name: 'proxy', destination, ...options }) };
}

describe('F3 log lines as JSON', () => {
  it('are one object each, with level, time and process by name', () => {
    const { lines, logger } = capture();
    logger.info({ match: 'm_1' }, 'moved');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'info', name: 'proxy', match: 'm_1', msg: 'moved' });
  });

  it('stay one line each, whatever a player is called', () => {
    const { lines, logger } = capture();
    logger.warn({ player: 'ada"}\r\n{"level":"info"\u2028\u009b' }, 'joined as %s', '\r\nroot');
    expect(lines.join('').split(/[\r\n\u2028\u009b]/)).toHaveLength(2);
    expect(JSON.parse(lines[0]!).player).toBe('ada"}\r\n{"level":"info"\u2028\u009b');
  });

  it('hide a secret in the object, in a binding, in the text, in an error and in its cause', () => {
    const canary = 'canary-0123456789';
    const { lines, logger } = capture();
    const child = logger.child({ token: canary });
    child.error(
      { err: new Error(`Bearer ${canary}`, { cause: Object.assign(new Error('x'), { password: canary }) }) },
      'GET /play?access_token=%s',
      canary,
    );
    child.info({ req: { headers: { cookie: canary } } });
    expect(lines).toHaveLength(2);
    expect(lines.join('')).not.toContain(canary);
    expect(JSON.parse(lines[0]!).err.cause.type).toBe('Error');
  });

  it('keep an error under any name', () => {
    const { lines, logger } = capture();
    logger.error({ error: Object.assign(new Error('no'), { code: 'ENOSPC' }) }, 'cannot write');
    logger.error(new TypeError('direct'));
    expect(JSON.parse(lines[0]!).error).toMatchObject({ type: 'Error', message: 'no', code: 'ENOSPC' });
    expect(JSON.parse(lines[1]!)).toMatchObject({ msg: 'direct', err: { type: 'TypeError' } });
  });

  it('are none below the level, and none at all when silent', () => {
    const { lines, logger } = capture({ level: 'warn' });
    logger.info('quiet');
    const silent = capture({ level: 'silent' });
    silent.logger.fatal('quiet');
    expect([...lines, ...silent.lines]).toEqual([]);
  });
});

describe('F3 log lines for people', () => {
  it('show control characters as text, in names, values, messages and stacks', () => {
    const { lines, logger } = capture({ pretty: true });
    logger.info({ move: { 'a\u001b[31m': '\u001b]0;title\u0007' } }, 'hello \u001b[2J\nFAKE');
    logger.error(new Error('line\nFAKE'));
    // Colours are the printer's own; everything else that begins with ESC came from outside.
    const colours = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
    const text = lines.join('').replaceAll(colours, '');
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('\u0007');
    expect(text).not.toMatch(/^FAKE/m);
    expect(text).toContain('FAKE');
  });

  it('hide secrets, too', () => {
    const { lines, logger } = capture({ pretty: true });
    logger.info({ password: 'canary-0123456789' }, 'token=canary-0123456789');
    expect(lines.join('')).not.toContain('canary');
  });
});

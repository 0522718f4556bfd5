import { describe, expect, it } from 'vitest';
import { type Attempt, explainSystemError } from '../../../src/process/explain-system-error.ts';

const listen: Attempt = { doing: 'listen', port: 8443, host: '10.9.9.9', flag: '--port' };
const write: Attempt = { doing: 'write', path: '/srv/castling', flag: '--data' };
const read: Attempt = { doing: 'read', path: '/etc/castling/proxy.pem' };

const systemError = (code: string) => Object.assign(new Error(code), { code, syscall: 'x', errno: -1 });

describe('explainSystemError', () => {
  it.each([
    ['EADDRINUSE', listen, 'port_taken', ['8443', '--port']],
    ['EACCES', listen, 'port_forbidden', ['8443', '--port', '1023']],
    ['EADDRNOTAVAIL', listen, 'address_unavailable', ['10.9.9.9']],
    ['ENOSPC', write, 'disk_full', ['/srv/castling', '--data']],
    ['EROFS', write, 'folder_unusable', ['read-only', '/srv/castling', '--data']],
    ['EACCES', write, 'folder_unusable', ['/srv/castling', '--data']],
    ['ENOTDIR', write, 'folder_unusable', ['/srv/castling']],
    ['EACCES', read, 'file_unreadable', ['/etc/castling/proxy.pem']],
    ['ENOENT', read, 'file_missing', ['/etc/castling/proxy.pem']],
    ['EMFILE', listen, 'too_many_files', ['ulimit']],
    ['EMFILE', write, 'too_many_files', ['ulimit']],
  ] as const)('%s while it tries to %o is %s', (code, attempt, expected, words) => {
    const error = systemError(code);
    const explained = explainSystemError(error, attempt);
    expect(explained?.code).toBe(expected);
    expect(explained?.cause).toBe(error);
    for (const word of words) expect(explained?.message).toContain(word);
    expect(explained?.message).not.toContain('undefined');
  });

  it('knows nothing of other errors', () => {
    expect(explainSystemError(systemError('EPIPE'), write)).toBeUndefined();
    expect(explainSystemError(new Error('EACCES'), write)).toBeUndefined();
    expect(explainSystemError(Object.assign(new Error('x'), { code: 'EACCES' }), write)).toBeUndefined();
    expect(explainSystemError('EACCES', write)).toBeUndefined();
  });
});

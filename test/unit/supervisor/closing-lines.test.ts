import { describe, expect, it } from 'vitest';
import { closingLines } from '../../../src/supervisor/closing-lines.ts';

const settings = {
  host: '0.0.0.0',
  port: 8443,
  linkHost: '127.0.0.1',
  linkPort: 1,
  backends: 1,
  adminPort: 2,
  data: '/d',
  certs: '/certs',
  pairs: [],
};
const newcomer = { command: 'npx castling', usualCerts: '/certs' };

describe('closingLines', () => {
  it('are three: the address, how to register, how to play', () => {
    expect(closingLines(settings, newcomer)).toEqual([
      'Castling is ready at https://localhost:8443 (Ctrl-C stops it)',
      '  register:  npx castling register NAME',
      '  play:      npx castling play tic-tac-toe',
    ]);
  });

  it('say what the client needs when it cannot guess', () => {
    const [address, register, play] = closingLines({ ...settings, port: 9443, certs: '/other' }, newcomer);
    expect(address).toContain('https://localhost:9443');
    expect(register).toMatch(/ register NAME --url https:\/\/localhost:9443 --ca \/other\/ca\.pem$/);
    expect(play).toMatch(/ play tic-tac-toe --url https:\/\/localhost:9443 --ca \/other\/ca\.pem$/);
  });

  it('name an address that was chosen, IPv6 in brackets', () => {
    expect(closingLines({ ...settings, host: '10.0.0.5' }, newcomer)[1]).toContain(
      '--url https://10.0.0.5:8443',
    );
    expect(closingLines({ ...settings, host: '::1' }, newcomer)[0]).toContain('https://[::1]:8443');
  });
});

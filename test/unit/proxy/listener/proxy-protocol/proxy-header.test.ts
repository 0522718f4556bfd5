import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalAddress } from '../../../../../src/process/addresses/canonical-address.ts';
import { readProxyHeader } from '../../../../../src/proxy/listener/proxy-protocol/proxy-header.ts';
import { connectionStarts, proxyHeaderFor, proxyHeaderV2 } from '../../../../support/proxy-headers.ts';
import { referenceProxyHeader } from '../../../../support/reference-proxy-header.ts';

const sslField = Buffer.from('20000f0100000000210007544c5376312e33', 'hex');

describe('readProxyHeader', () => {
  it.each([
    [
      'version 2, IPv4',
      '0d0a0d0a000d0a515549540a2111000cc0000201c6336402d4311f90',
      { kind: 'header', client: '192.0.2.1', length: 28 },
    ],
    [
      'version 2, IPv6',
      `0d0a0d0a000d0a515549540a21210024${'20010db8000000000000000000000001'}${'20010db8000000000000000000000002'}d4311f90`,
      { kind: 'header', client: '2001:db8::1', length: 52 },
    ],
    [
      'version 2, IPv4 mapped into IPv6',
      `0d0a0d0a000d0a515549540a21210024${'00000000000000000000ffffc0000201'}${'00000000000000000000000000000001'}d4311f90`,
      { kind: 'header', client: '192.0.2.1', length: 52 },
    ],
    [
      'version 2, LOCAL',
      '0d0a0d0a000d0a515549540a20000000',
      { kind: 'header', client: undefined, length: 16 },
    ],
    [
      'version 2, LOCAL with addresses, which do not count',
      '0d0a0d0a000d0a515549540a2011000cc0000201c6336402d4311f90',
      { kind: 'header', client: undefined, length: 28 },
    ],
    [
      'version 2, of an unspecified family',
      '0d0a0d0a000d0a515549540a21000000',
      { kind: 'header', client: undefined, length: 16 },
    ],
    [
      'version 1, IPv4',
      Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.2 54321 8443\r\n').toString('hex'),
      { kind: 'header', client: '192.0.2.1', length: 46 },
    ],
    [
      'version 1, IPv6',
      Buffer.from('PROXY TCP6 2001:DB8:0::1 2001:db8::2 0 65535\r\n').toString('hex'),
      { kind: 'header', client: '2001:db8::1', length: 46 },
    ],
    [
      'version 1, unknown',
      Buffer.from('PROXY UNKNOWN\r\n').toString('hex'),
      { kind: 'header', client: undefined, length: 15 },
    ],
    [
      'version 1, unknown with words',
      Buffer.from('PROXY UNKNOWN ff::1 x\r\n').toString('hex'),
      { kind: 'header', client: undefined, length: 23 },
    ],
  ])('%s', (_name, hex, header) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(readProxyHeader(bytes)).toEqual(header);
    expect(readProxyHeader(Buffer.concat([bytes, Buffer.from('\x16\x03\x01')]))).toEqual(header);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(readProxyHeader(bytes.subarray(0, length)), `${length} bytes`).toEqual({ kind: 'incomplete' });
    }
  });

  it('passes over the fields behind the addresses, up to 536 bytes in all', () => {
    const fields = Buffer.concat([sslField, Buffer.alloc(508 - sslField.length)]);
    const longest = proxyHeaderFor('192.0.2.1', fields);
    expect(longest).toHaveLength(536);
    expect(readProxyHeader(longest)).toEqual({ kind: 'header', client: '192.0.2.1', length: 536 });
    const tooLong = proxyHeaderFor('192.0.2.1', Buffer.alloc(509));
    expect(readProxyHeader(tooLong.subarray(0, 16))).toMatchObject({ kind: 'invalid' });
  });

  it.each([
    ['a TLS handshake', Buffer.from('1603010200', 'hex')],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n')],
    ['another version', proxyHeaderV2({ versionAndCommand: 0x31, length: 12 })],
    ['another command', proxyHeaderV2({ versionAndCommand: 0x22, length: 12 })],
    ['a datagram', proxyHeaderV2({ family: 0x12, length: 12 })],
    ['a UNIX socket', proxyHeaderV2({ family: 0x31, length: 216 })],
    ['another family', proxyHeaderV2({ family: 0x41, length: 12 })],
    ['IPv4 that is too short', proxyHeaderV2({ family: 0x11, length: 11 })],
    ['IPv6 that is too short', proxyHeaderV2({ family: 0x21, length: 35 })],
    ['an announced 65,535 bytes', proxyHeaderV2({ length: 65_535 })],
    ['version 1 in lower case', Buffer.from('proxy TCP4 192.0.2.1 198.51.100.2 1 2\r\n')],
    ['version 1 over UDP', Buffer.from('PROXY UDP4 192.0.2.1 198.51.100.2 1 2\r\n')],
    ['version 1 of mixed families', Buffer.from('PROXY TCP4 192.0.2.1 ::1 1 2\r\n')],
    ['version 1 with a zone', Buffer.from('PROXY TCP6 fe80::1%1 ::1 1 2\r\n')],
    ['version 1 with two spaces', Buffer.from('PROXY TCP4  192.0.2.1 198.51.100.2 1 2\r\n')],
    ['version 1 with a port that is none', Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.2 65536 2\r\n')],
    ['version 1 with a leading zero', Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.2 01 2\r\n')],
    ['version 1 with a bare line feed', Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.2 1 2\nx\r\n')],
    ['version 1 without an end', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(100)}`)],
  ])('refuses %s', (_name, bytes) => {
    expect(readProxyHeader(bytes)).toMatchObject({ kind: 'invalid', why: expect.any(String) });
  });

  it('reads like the slow reference, whatever comes, and says the same of every longer prefix once it has decided', () => {
    fc.assert(
      fc.property(connectionStarts, (bytes) => {
        const expected = referenceProxyHeader(bytes);
        const header = readProxyHeader(bytes);
        if (typeof expected === 'string') expect(header.kind).toBe(expected);
        else {
          const client = expected.client === undefined ? undefined : canonicalAddress(expected.client);
          expect(header).toEqual({ kind: 'header', client, length: bytes.length - expected.rest.length });
        }
        for (let length = 0; length < bytes.length; length += 1) {
          const early = readProxyHeader(bytes.subarray(0, length));
          if (early.kind !== 'incomplete') expect(early).toEqual(header);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

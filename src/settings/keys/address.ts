import type { TUnsafe } from 'typebox';
import { type About, keyOf } from './key.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where something listens: `HOST:PORT`, an IPv6 address in brackets (RFC 3986 section 3.2.2). */
export function address(about: Partial<About<string>>): TUnsafe<Address> {
  return keyOf(
    { type: 'string', maxLength: 300, pattern: '^(\\[[0-9a-fA-F:.]+\\]|[^\\s:\\[\\]/]+):\\d{1,5}$' },
    about,
    {
      kind: 'address',
      expected: 'HOST:PORT, such as 127.0.0.1:7878',
    },
  );
}

export function readAddress(text: string): Address | undefined {
  const found = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/i.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3]);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

export function writeAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

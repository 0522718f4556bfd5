/** A second, slow reading of the PROXY protocol, for comparison: it waits for all bytes and takes them apart one by one. */
import { isIP } from 'node:net';

export type ReferenceHeader = { client: string | undefined; rest: Buffer } | 'invalid' | 'incomplete';

export function referenceProxyHeader(bytes: Buffer): ReferenceHeader {
  const hex = bytes.toString('hex');
  const signature = '0d0a0d0a000d0a515549540a';
  if (hex.startsWith(signature)) return version2(bytes);
  if (signature.startsWith(hex)) return 'incomplete';
  const text = bytes.toString('latin1');
  if (text.startsWith('PROXY ')) return version1(text, bytes);
  return 'PROXY '.startsWith(text) ? 'incomplete' : 'invalid';
}

function version2(bytes: Buffer): ReferenceHeader {
  const at = (index: number) => bytes[index];
  const version = at(12);
  if (version === undefined) return 'incomplete';
  if (Math.floor(version / 16) !== 2) return 'invalid';
  const [family, high, low] = [at(13), at(14), at(15)];
  if (family === undefined || high === undefined || low === undefined) return 'incomplete';
  const size = high * 256 + low;
  if (size > 520) return 'invalid';
  const command = version % 16;
  if (command > 1) return 'invalid';
  const wanted = command === 0 ? 0 : { 0: 0, 17: 12, 33: 36 }[family];
  if (wanted === undefined || size < wanted) return 'invalid';
  if (bytes.length < 16 + size) return 'incomplete';
  const rest = bytes.subarray(16 + size);
  if (wanted === 0) return { client: undefined, rest };
  if (wanted === 12) return { client: [16, 17, 18, 19].map(at).join('.'), rest };
  const groups = [];
  for (let index = 16; index < 32; index += 2) {
    groups.push(((at(index) ?? 0) * 256 + (at(index + 1) ?? 0)).toString(16));
  }
  return { client: new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1), rest };
}

function version1(text: string, bytes: Buffer): ReferenceHeader {
  const end = text.indexOf('\r\n');
  if (end > 105 || (end === -1 && text.length >= 107)) return 'invalid';
  if (end === -1) return 'incomplete';
  const rest = bytes.subarray(end + 2);
  const words = text.slice(0, end).split(' ');
  if (words[1] === 'UNKNOWN') return { client: undefined, rest };
  const kind = { TCP4: 4, TCP6: 6 }[words[1] ?? ''];
  if (kind === undefined || words.length !== 6) return 'invalid';
  const [source = '', destination = '', ...ports] = words.slice(2);
  if ([source, destination].some((each) => isIP(each) !== kind || each.includes('%'))) return 'invalid';
  if (ports.some((port) => String(Number(port)) !== port || Number(port) > 65_535 || Number(port) < 0))
    return 'invalid';
  return { client: kind === 4 ? source : new URL(`http://[${source}]`).hostname.slice(1, -1), rest };
}

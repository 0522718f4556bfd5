import type { X509Certificate } from 'node:crypto';

/** Something that is chosen by the server name that a client asks for. */
export interface Named {
  readonly names: readonly string[];
}

/**
 * Which entry answers for a server name (RFC 6066 section 3): the first that has the very name, else the first with a wildcard for it
 * (RFC 9525 section 6.3: the whole left-most label and no other), else `undefined`. Names are a stranger's text, so they are looked up
 * in maps and nothing is made of them.
 */
export function nameTable<Entry extends Named>(
  entries: readonly Entry[],
): (name: string) => Entry | undefined {
  const exact = new Map<string, Entry>();
  const wildcards = new Map<string, Entry>();
  for (const entry of entries) {
    for (const name of entry.names) {
      const [table, key] = name.startsWith('*.') ? [wildcards, name.slice(2)] : [exact, name];
      if (!table.has(key)) table.set(key, entry);
    }
  }
  return (asked) => {
    const name = asked.toLowerCase();
    const dot = name.indexOf('.');
    return exact.get(name) ?? (dot > 0 ? wildcards.get(name.slice(dot + 1)) : undefined);
  };
}

const dnsName = /^dns:((?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]{0,250}[a-z0-9_])?)$/;

/** The DNS names of a certificate, in lower case. Only subjectAltName counts; the common name is not read (RFC 9525 section 2). */
export function dnsNamesOf({ subjectAltName }: X509Certificate): string[] {
  const entries = (subjectAltName ?? '').toLowerCase().split(', ');
  return entries.flatMap((entry) => dnsName.exec(entry)?.[1] ?? []);
}

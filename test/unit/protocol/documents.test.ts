/** PROTOCOL.md, TUNNEL.md and LINK.md against the catalogues in code, in both directions. */
import { readFileSync } from 'node:fs';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { closings, mayReconnect, wireClosings } from '../../../src/protocol/closings.ts';
import { frameTypes } from '../../../src/protocol/frame.ts';
import { linkMethods } from '../../../src/protocol/link-messages.ts';
import { MatchEvent, matchEvents, methods, notifications } from '../../../src/protocol/player-schemas.ts';
import { refusals } from '../../../src/protocol/refusals.ts';
import {
  allTunnelClosings,
  tunnelClosings,
  tunnelLimits,
  tunnelPath,
  tunnelSubprotocol,
} from '../../../src/protocol/tunnel.ts';

const read = (name: string) =>
  readFileSync(new URL(`../../../src/protocol/${name}`, import.meta.url), 'utf8');
const protocol = read('PROTOCOL.md');
const link = read('LINK.md');
const tunnel = read('TUNNEL.md');

const section = (text: string, title: string) =>
  text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
const rows = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^[-| :]+$/.test(line))
    .slice(1)
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );

describe('PROTOCOL.md', () => {
  it('lists the refusals of the catalogue, and no others', () => {
    const documented = rows(section(protocol, 'Refusals'));
    const catalogued = Object.entries(refusals).map(([name, { rpc, retryable, text }]) => [
      String(rpc),
      `\`${name}\``,
      retryable ? 'yes' : 'no',
      text,
    ]);
    expect(documented).toEqual(catalogued);
  });

  it('lists the close codes of the catalogue, and no others', () => {
    const documented = rows(section(protocol, 'Close codes'));
    const catalogued = Object.entries(closings).map(([name, { code, text }]) => [
      String(code),
      `\`${name}\``,
      mayReconnect(code) ? 'yes' : 'no',
      text,
    ]);
    expect(documented).toEqual(catalogued);
    const wire = section(protocol, 'Close codes').match(/\b10\d\d\b/g);
    expect(wire?.map(Number)).toEqual(Object.values(wireClosings));
  });

  it('lists every method and notification, and no others', () => {
    const names = (title: string) =>
      rows(section(protocol, title)).map(([name]) => name?.replaceAll('`', ''));
    expect(names('Methods')).toEqual(Object.keys(methods));
    expect(names('Notifications')).toEqual(Object.keys(notifications));
  });

  it('lists every event type, and no others', () => {
    const named = rows(section(protocol, 'Events')).flatMap(
      ([cell]) => cell?.replaceAll('`', '').split(', ') ?? [],
    );
    expect(named.sort()).toEqual(Object.keys(matchEvents).sort());
  });

  it('shows a sample session that the schemas accept', () => {
    const lines = section(protocol, 'A sample session').match(/^[→←] .*$/gm) ?? [];
    expect(lines.length).toBeGreaterThan(5);
    const asked = new Map<number, keyof typeof methods>();
    for (const line of lines) {
      const message = JSON.parse(line.slice(2));
      if (line.startsWith('→')) {
        asked.set(message.id, message.method);
        expect(
          Compile(methods[message.method as keyof typeof methods].params).Check(message.params),
          line,
        ).toBe(true);
      } else if (message.method !== undefined) {
        const schema = notifications[message.method as keyof typeof notifications].params;
        expect(Compile(schema).Check(message.params), line).toBe(true);
      } else {
        const method = asked.get(message.id);
        expect(method, line).toBeDefined();
        if (method !== undefined)
          expect(Compile(methods[method].result).Check(message.result), line).toBe(true);
      }
    }
  });
});

describe('LINK.md', () => {
  it('numbers the frame types as the codec does', () => {
    const documented = rows(section(link, 'Frames')).filter(([type]) => /^\d+$/.test(type ?? ''));
    const types = documented
      .filter(([, name]) => name !== undefined && name in frameTypes)
      .map(([type, name]) => [name, Number(type)]);
    expect(Object.fromEntries(types)).toEqual(frameTypes);
  });

  it('numbers the methods as the code does', () => {
    const documented = [...section(link, 'Frames').matchAll(/`([a-z]+\.[A-Za-z]+)` (\d+)/g)].map(
      ([, name, number]) => [name, Number(number)],
    );
    expect(Object.fromEntries(documented)).toEqual(linkMethods);
  });
});

describe('TUNNEL.md', () => {
  it('lists the close codes that only tunnels have, and no others', () => {
    const documented = rows(section(tunnel, 'Close codes'));
    const catalogued = Object.entries(tunnelClosings).map(([name, { code, text }]) => [
      String(code),
      `\`${name}\``,
      mayReconnect(code) ? 'yes' : 'no',
      text,
    ]);
    expect(documented).toEqual(catalogued);
  });

  it('names the subprotocol, the path and the limits of the code', () => {
    expect(tunnel).toContain(`\`${tunnelSubprotocol}\``);
    expect(tunnel).toContain(`${tunnelPath}NAME`);
    expect(tunnel).toContain(`${tunnelLimits.messageBytes / 1024} KiB at most`);
    expect(tunnel).toContain(`at most ${tunnelLimits.waitingBytes / 1024} KiB`);
  });
});

describe('the catalogues', () => {
  it('have every event type in the union that clients see', () => {
    expect(MatchEvent.anyOf).toEqual(Object.values(matchEvents));
  });

  it('give each refusal and each close code a number of its own', () => {
    for (const numbers of [
      Object.values(refusals).map(({ rpc }) => rpc),
      Object.values(allTunnelClosings).map(({ code }) => code),
    ]) {
      expect(new Set(numbers).size).toBe(numbers.length);
    }
  });

  it('tell clients to come back after network loss, and not after a breach', () => {
    expect([1006, 1000, 1001, 1012, 4000, 4499, 3999].every(mayReconnect)).toBe(true);
    expect([4500, 4999, 1002, 1003, 1007, 1008, 1009].some(mayReconnect)).toBe(false);
  });
});

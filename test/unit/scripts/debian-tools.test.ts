import { describe, expect, it } from 'vitest';
import { DEBIAN_TOOLS, type Machine, provideTools } from '../../../scripts/test-run/debian-tools.ts';

const tools = [
  { tool: 'openssl', package: 'openssl', neededBy: 'certificates' },
  { tool: 'ps', package: 'procps', neededBy: 'arguments' },
];

function machine(options: { present: string[]; installs?: boolean; isRoot?: boolean; isDebian?: boolean }) {
  const present = new Set(options.present);
  const commands: string[] = [];
  const fake: Machine = {
    has: (tool) => present.has(tool),
    isDebian: options.isDebian ?? true,
    isRoot: options.isRoot ?? true,
    run: (program, args) => {
      commands.push([program, ...args].join(' '));
      if (options.installs && args[0] === 'install') for (const { tool } of tools) present.add(tool);
      return 0;
    },
  };
  return { fake, commands };
}

describe('provideTools', () => {
  it('does nothing when all are there', () => {
    const { fake, commands } = machine({ present: ['openssl', 'ps'] });
    provideTools(tools, fake);
    expect(commands).toEqual([]);
  });

  it('installs the packages of those that are missing, as root on Debian', () => {
    const { fake, commands } = machine({ present: ['openssl'], installs: true });
    provideTools(tools, fake);
    expect(commands).toEqual(['apt-get update -qq', 'apt-get install -y -qq --no-install-recommends procps']);
  });

  it.each([
    ['without root', { isRoot: false }],
    ['elsewhere than on Debian', { isDebian: false }],
    ['when apt-get fails', { installs: false }],
  ])('names what to install %s, and which tests need it', (_when, options) => {
    const { fake } = machine({ present: ['openssl'], ...options });
    expect(() => provideTools(tools, fake)).toThrow(/ps \(arguments\).*apt-get install procps$/);
  });

  it('knows a package and a reason for every tool', () => {
    for (const tool of DEBIAN_TOOLS) expect(Object.values(tool).every((text) => text.length > 1)).toBe(true);
  });
});

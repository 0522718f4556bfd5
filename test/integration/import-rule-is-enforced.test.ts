import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repository, run } from '../support/bootstrap-clone.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'castling-rule-'));
  for (const house of ['game', 'proxy', 'protocol']) mkdirSync(join(folder, house));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What the check says of a source folder; this repository's own by default. */
async function houseRules(...args: string[]) {
  const running = run(process.execPath, ['scripts/house-rules/main.ts', ...args], { cwd: repository });
  return { code: await running.ended, output: running.output() };
}

describe('the rules of the house', () => {
  it('hold in this repository', async () => {
    const { code, output } = await houseRules();
    expect(output).toMatch(/nothing to object to/);
    expect(code).toBe(0);
  });

  it('refuse a forbidden import with its place and its reason, and let an allowed one pass', async () => {
    writeFileSync(join(folder, 'game', 'a.ts'), "import { b } from '../protocol/b.ts';\nb();\n");
    writeFileSync(join(folder, 'protocol', 'b.ts'), 'export const b = () => 1;\n');
    expect((await houseRules(folder)).code).toBe(0);

    writeFileSync(join(folder, 'game', 'c.ts'), "\nimport { d } from '../proxy/d.ts';\nd();\n");
    const { code, output } = await houseRules(folder);
    expect(code).toBe(1);
    expect(output).toContain('src/game/c.ts:2 game may not import proxy (“../proxy/d.ts”)');
    expect(output).toContain('the backend does not know who plays');
  });

  it('G8 refuse a call that switches off verification', async () => {
    // Text for the rule to find; nothing connects with it.
    writeFileSync(join(folder, 'proxy', 'a.ts'), 'export const options = { rejectUnauthorized: false };\n');
    const { code, output } = await houseRules(folder);
    expect(code).toBe(1);
    expect(output).toContain('src/proxy/a.ts:1 rejectUnauthorized other than true is forbidden');
  });
});

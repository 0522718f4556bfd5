import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SettingsUnderPlay } from '../support/settings-under-play.ts';

const matches = 200;
const changes = 100;

// Promise 12: settings change without dropping a player.
describe('a settings file that is changed while 200 matches are live', () => {
  let play: SettingsUnderPlay;

  beforeAll(async () => {
    play = await SettingsUnderPlay.start({ players: 20, matches });
  });
  afterAll(async () => await play[Symbol.asyncDispose]());

  it('a hundred times, with bad ones in between, ends no connection and refuses no legal move', async () => {
    let refused = 0;
    for (let change = 1; change <= changes; change += 1) {
      play.write(goodFile(change));
      const [outcome] = await Promise.all([play.reload(), play.move(10)]);
      expect(outcome).toMatchObject({ restart: [] });
      expect(await burstNow(play)).toBe(100 + change);
      if (change % 10 !== 0) continue;
      play.write(`${goodFile(change + 1)}\nlimits: {`);
      const [bad] = await Promise.all([play.reload(), play.move(2)]);
      expect(bad.kind).toBe('refused');
      expect(await burstNow(play)).toBe(100 + change);
      refused += 1;
    }
    expect(refused).toBe(10);
    expect((await play.shown()).versions.at(-1)?.version).toBe(1 + changes);
    expect(play.count).toEqual({ opened: 20, closed: 0, refusals: [] });
  });

  it('is also followed without being asked, and on a hang-up, by every process', async () => {
    play.write(goodFile(500));
    await inEffectEverywhere(play, 600);
    play.write(goodFile(501));
    process.kill(parentOf(play.castling.pidOf('proxy')), 'SIGHUP');
    await inEffectEverywhere(play, 601);
  });

  it('lets every match come to its end', async () => {
    await play.finish();
    expect(play.count).toEqual({ opened: 20, closed: 0, refusals: [] });
    expect(play.castling.output()).not.toContain('unexpected');
  });
});

function goodFile(change: number): string {
  return [
    `log: { level: ${change % 2 === 0 ? 'info' : 'debug'} }`,
    `proxy: { origins: [https://club${change}.example] }`,
    `limits: { session: { messages: { burst: ${100 + change} } } }`,
  ].join('\n');
}

async function burstNow(play: SettingsUnderPlay): Promise<unknown> {
  const { limits } = (await play.shown()).settings;
  return limits.session.messages.burst;
}

/** Until the proxy shows it, and every process has told the same digest. */
async function inEffectEverywhere(play: SettingsUnderPlay, burst: number): Promise<void> {
  while ((await burstNow(play)) !== burst) await sleep(20);
  const { digest } = (await play.shown()).versions.at(-1) ?? {};
  const names = ['start', 'proxy', 'backend'];
  while (
    !names.every((name) =>
      new RegExp(`"name":"${name}"[^\\n]*"digest":"${digest}"`).test(play.castling.output()),
    )
  ) {
    await sleep(20);
  }
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

import { afterAll, beforeAll, expect, it } from 'vitest';
import { ProxyRig } from '../support/proxy-rig.ts';

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start();
});
afterAll(async () => await rig[Symbol.asyncDispose]());

async function socketsNow(): Promise<string | undefined> {
  const answer = await fetch(`http://127.0.0.1:${rig.adminPort}/metrics`);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=/);
  return /^castling_proxy_sockets (\d+)$/m.exec(await answer.text())?.[1];
}

it('the operator’s port counts the sockets that are open', async () => {
  expect(await socketsNow()).toBe('0');
  const player = await rig.player('ada');
  expect(await socketsNow()).toBe('1');
  await player.close();
  await expect.poll(socketsNow).toBe('0');
});

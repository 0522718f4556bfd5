import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { asyncApi } from '../../../scripts/async-api.ts';

describe('docs/asyncapi.json', () => {
  it('is what the schemas say today; if not, run: node scripts/async-api.ts', () => {
    const kept = readFileSync(new URL('../../../docs/asyncapi.json', import.meta.url), 'utf8');
    expect(JSON.parse(kept)).toEqual(asyncApi());
  });

  it('refers only to messages that it holds', () => {
    const text = JSON.stringify(asyncApi());
    const { messages } = (asyncApi() as { channels: { play: { messages: object } } }).channels.play;
    const referred = [...text.matchAll(/#\/channels\/play\/messages\/([^"]+)/g)].map(([, name]) => name);
    expect(referred.length).toBeGreaterThan(30);
    for (const name of referred) expect(messages).toHaveProperty([name ?? '']);
  });
});

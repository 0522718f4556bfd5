import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BackendCycle } from '../support/backend-cycle.ts';
import { checkHistory } from '../support/history.ts';
import { MatchLoad, seeded } from '../support/match-load.ts';

const kills = 10;
const seed = Number(process.env.CASTLING_TEST_SEED ?? 20_261);

describe('R1 R4 R10 a backend that is killed at any moment loses nothing acknowledged and does nothing twice', () => {
  const cycle = new BackendCycle();
  beforeAll(() => cycle.start());
  afterAll(() => cycle.remove());

  it(`keeps every promise over ${kills} kills, seed ${seed}`, async () => {
    const random = seeded(seed);
    let due = Promise.withResolvers<void>();
    let killAt = 40;
    const load = new MatchLoad({
      pairs: 20,
      link: cycle.link,
      random,
      acknowledged: (count) => {
        if (count >= killAt) due.resolve();
      },
    });
    const playing = load.run();
    for (let kill = 0; kill < kills; kill += 1) {
      await Promise.race([due.promise, playing]);
      due = Promise.withResolvers();
      await cycle.restart();
      killAt = load.acknowledgements + 20 + Math.floor(random() * 120);
    }
    await Promise.race([due.promise, playing]);
    load.stop();
    await playing;

    const history = await load.history(await cycle.link());
    expect(checkHistory(history).map(({ fault, detail }) => `${fault}: ${detail}`)).toEqual([]);
    expect(load.acknowledgements).toBeGreaterThan(kills * 20);
    expect(load.matches.size).toBeGreaterThan(20);
  });
});

import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../src/client/connection.ts';
import type { ConnectionState } from '../../../src/client/connection-state.ts';
import type { Match } from '../../../src/client/match.ts';
import { World } from '../../support/cli-connected.ts';

async function following(world: World): Promise<{ connection: Connection; match: Match }> {
  const connection = world.connect('ada');
  const made = connection.createMatch({ game: 'tic-tac-toe' });
  await world.settle();
  return { connection, match: await made };
}

/** Far beyond every pause: whatever would still dial has done so. */
async function expectToStayClosed(world: World, connection: Connection, dials: number): Promise<void> {
  expect(world.timers.pending).toBe(0);
  await world.wait(60_000);
  expect(connection.state.value).toEqual({ phase: 'closed' });
  expect(world.network.dials).toBe(dials);
  // No token is asked for that nobody will show.
  expect(world.tokens.get('ada')?.calls).toBe(dials);
  expect(world.network.open).toEqual([]);
}

describe('closing from a listener', () => {
  it('that hears of a match being resumed neither recurses without end nor dials again', async () => {
    const world = new World();
    const { connection, match } = await following(world);
    const heard: string[] = [];
    match.standing.subscribe(({ phase }) => {
      heard.push(phase);
      if (phase === 'resuming') connection.close();
    });
    world.network.open[0]?.break();
    expect(heard).toEqual(['resuming', 'left']);
    await expectToStayClosed(world, connection, 1);
  });

  it('that closes once, after a lost socket, leaves no retry behind', async () => {
    const world = new World();
    const { connection, match } = await following(world);
    const stop = match.standing.subscribe(() => {
      stop();
      connection.close();
    });
    world.network.open[0]?.break();
    await expectToStayClosed(world, connection, 1);
  });

  it.each([
    ['waiting', 1],
    ['connecting', 1],
    ['open', 2],
  ] satisfies [ConnectionState['phase'], number][])(
    'that hears of the phase %s ends the connection',
    async (phase, dials) => {
      const world = new World();
      const { connection } = await following(world);
      const phases: string[] = [];
      connection.state.subscribe((state) => {
        phases.push(state.phase);
        if (state.phase === phase) connection.close();
      });
      world.network.open[0]?.break();
      await world.wait(1_000);
      expect(phases.slice(-2)).toEqual([phase, 'closed']);
      await expectToStayClosed(world, connection, dials);
    },
  );

  it('closes a standing socket without telling a match that another one follows', async () => {
    const world = new World();
    const { connection, match } = await following(world);
    const heard: string[] = [];
    match.standing.subscribe(({ phase }) => {
      heard.push(phase);
      connection.close();
    });
    connection.close();
    expect(heard).toEqual(['left']);
    await expectToStayClosed(world, connection, 1);
  });
});

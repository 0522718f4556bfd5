import { afterEach, describe, expect, it } from 'vitest';
import { chainStart, seal } from '../../../../src/game/log/chain.ts';
import type { MatchLog } from '../../../../src/game/log/match-log.ts';
import type { Happening } from '../../../../src/game/match/logged-event.ts';
import { openMatch } from '../../../../src/game/match/open-match.ts';
import { ticTacToe } from '../../../../src/game/rules/tic-tac-toe.ts';
import type { InviteCode, MatchId } from '../../../../src/protocol/ids.ts';
import { StoreError, type StoreErrorCode } from '../../../../src/store/index.ts';
import { ada, ben, cause, type MemoryBackend, memoryBackend } from '../../../support/game-fixtures.ts';

const match = 'm_AAAAAAAAAAAAAAAA' as MatchId;
const other = 'm_BBBBBBBBBBBBBBBB' as MatchId;
const code = '23456789' as InviteCode;

let backend: MemoryBackend;
afterEach(() => backend.close());

const create = (log: MatchLog, happenings: readonly Happening[], id = match) =>
  log.append([
    {
      match: id,
      events: seal(
        chainStart(id),
        happenings.map((happening, index) => ({ seq: index + 1, at: 5, ...happening })),
      ),
    },
  ]);
const opening = (player = ada, by = cause(player)) =>
  openMatch({ game: ticTacToe, visibility: 'private', code, entrants: [{ player, cause: by }] });

describe('the match log', () => {
  it('gives back what was appended, and finds it by command and by code', async () => {
    backend = await memoryBackend();
    const by = cause(ada);
    expect(await create(backend.log, opening(ada, by))).toBe('stored');
    const stored = await backend.log.load(match);
    expect(stored?.state).toMatchObject({ status: 'waiting', seats: [ada, null], code });
    expect(await backend.log.findCommand(ada, by.command)).toEqual({ match, seq: 2, digest: by.digest });
    expect(await backend.log.findCommand(ben, by.command)).toBeUndefined();
    expect(await backend.log.findByCode(code)).toBe(match);
    expect(await backend.log.findByCode('ZZZZZZZZ' as InviteCode)).toBeUndefined();
    expect(await backend.log.load(other)).toBeUndefined();
  });

  it('counts seats in matches that are not over', async () => {
    backend = await memoryBackend();
    await create(backend.log, opening());
    expect(await backend.log.countOpenSeats(ada)).toBe(1);
    const { chain } = (await backend.log.load(match))!;
    const ended = { seq: 3, at: 6, type: 'ended', result: { kind: 'cancelled', reason: 'left' } } as const;
    await backend.log.append([{ match, events: seal(chain, [ended]) }]);
    expect(await backend.log.countOpenSeats(ada)).toBe(0);
  });

  it('R16 lets one of two writers fill a sequence, whatever the other believes', async () => {
    backend = await memoryBackend();
    const players = [ada, ben].map((player) => ({ player, cause: cause(player) }));
    await create(backend.log, openMatch({ game: ticTacToe, visibility: 'public', entrants: players }));
    const { chain } = (await backend.log.load(match))!;
    const move = (square: number) => {
      const whole = { board: '_'.repeat(square).padEnd(9, 'X') };
      const moved = { type: 'moved', seat: 0, move: square, whole, turn: 1, cause: cause(ada) } as const;
      return backend.log.append([{ match, events: seal(chain, [{ seq: 5, at: 6, ...moved }]) }]);
    };
    expect((await Promise.all([move(3), move(4)])).sort()).toEqual(['conflict', 'stored']);
    expect((await backend.log.load(match))?.events[4]).toMatchObject({ seq: 5, move: 3 });
    expect(await move(5)).toBe('conflict');
  });

  it('R10 takes a command id of a player once, over all matches, and leaves no trace of the second', async () => {
    backend = await memoryBackend();
    const by = cause(ada);
    expect(await create(backend.log, opening(ada, by))).toBe('stored');
    const again = openMatch({
      game: ticTacToe,
      visibility: 'public',
      entrants: [{ player: ada, cause: by }],
    });
    expect(await create(backend.log, again, other)).toBe('conflict');
    expect(await backend.log.load(other)).toBeUndefined();
    expect(await backend.log.countOpenSeats(ada)).toBe(1);
  });

  describe('when the disk fails', () => {
    async function failing(): Promise<{ fail: (code: StoreErrorCode | undefined) => void; told: string[] }> {
      const told: string[] = [];
      let fault: StoreErrorCode | undefined;
      backend = await memoryBackend({
        watcher: {
          stalled: (reason) => told.push(`stalled ${reason}`),
          recovered: () => told.push('recovered'),
          failed: () => told.push('failed'),
        },
        wrap: (store) => ({
          engine: store.engine,
          db: store.db,
          purge: () => store.purge(),
          close: () => store.close(),
          commit: async (groups) => {
            if (fault) throw new StoreError(fault, 'on purpose');
            return await store.commit(groups);
          },
        }),
      });
      return {
        told,
        fail: (code) => {
          fault = code;
        },
      };
    }

    it('R9 refuses while the disk is full, says so once, and takes events again when there is space', async () => {
      const { fail, told } = await failing();
      fail('disk_full');
      await expect(create(backend.log, opening())).rejects.toMatchObject({ fault: 'disk_full' });
      await expect(create(backend.log, opening())).rejects.toMatchObject({ fault: 'disk_full' });
      fail(undefined);
      expect(await create(backend.log, opening())).toBe('stored');
      expect(told).toEqual(['stalled disk_full', 'recovered']);
    });

    it.each(['io_failed', 'corrupt'] as const)(
      'R8 after %s takes nothing ever again, though the disk may seem well',
      async (code) => {
        const { fail, told } = await failing();
        fail(code);
        await expect(create(backend.log, opening())).rejects.toMatchObject({ fault: 'failed' });
        fail(undefined);
        await expect(create(backend.log, opening())).rejects.toMatchObject({ fault: 'failed' });
        expect(told).toEqual(['failed']);
        expect(await backend.log.load(match)).toBeUndefined();
      },
    );
  });
});

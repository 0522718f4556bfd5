import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { readLog } from '../support/logged-events.ts';
import { commandId, openRawPlayer, type RawPlayer, registerRawPlayer } from '../support/raw-player.ts';

describe('B9 bad input has a code of its own and changes nothing', () => {
  let castling: RunningCastling;
  let ada: RawPlayer;
  let grace: RawPlayer;
  let eve: RawPlayer;
  /** A private match, ada (seat 0) to move next at `seq`; squares 4 (ada) and 0 (grace) are taken. */
  let match: string;
  let code: string;
  let seq: number;

  beforeAll(async () => {
    castling = await startCastling();
    ada = await registerRawPlayer(castling, { name: 'ada' });
    grace = await registerRawPlayer(castling, { name: 'grace' });
    eve = await registerRawPlayer(castling, { name: 'eve' });
  });
  afterAll(async () => {
    for (const player of [ada, grace, eve]) player.close();
    await castling[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    const created = await ada.call('match.create', { game: 'tic-tac-toe', commandId: commandId() });
    match = String(created.result?.match);
    code = String(created.result?.code);
    await grace.call('match.join', { code, commandId: commandId() });
    seq = logOf().length;
    for (const [player, square] of [
      [ada, 4],
      [grace, 0],
    ] as const) {
      seq += 1;
      const moved = await player.call('match.move', { match, seq, commandId: commandId(), move: square });
      expect(moved.result).toMatchObject({ type: 'moved', seq });
    }
    seq += 1;
  });

  const logOf = () => readLog(castling).get(match) ?? [];
  const move = (player: RawPlayer, over: object) =>
    player.call('match.move', { match, seq, commandId: commandId(), move: 8, ...over });

  /** Runs one refused call and checks its code, that the log is as it was, and that play goes on. */
  async function isRefused(expected: string, attempt: () => Promise<{ error?: { data: { code: string } } }>) {
    const before = logOf();
    const answer = await attempt();
    expect(answer.error?.data).toMatchObject({
      code: expected,
      requestId: expect.any(String),
      reason: expect.any(String),
    });
    expect(logOf()).toEqual(before);
    expect((await move(ada, {})).result).toMatchObject({ type: 'moved', seq, seat: 0 });
  }

  it('a move out of turn', () => isRefused('not_your_turn', () => move(grace, {})));
  it('a move on an occupied square', () => isRefused('move_occupied', () => move(ada, { move: 0 })));
  it('a move out of range', () => isRefused('move_out_of_range', () => move(ada, { move: 9 })));
  it('a move below the range', () => isRefused('move_out_of_range', () => move(ada, { move: -1 })));
  it('a move that is no number', () => isRefused('move_malformed', () => move(ada, { move: 'middle' })));
  it('a move that is no whole number', () => isRefused('move_malformed', () => move(ada, { move: 1.5 })));
  it('a move of another kind', () => isRefused('move_malformed', () => move(ada, { move: { square: 1 } })));
  it('a move in someone else’s seat', () => isRefused('not_your_seat', () => move(ada, { seat: 1 })));
  it('a move by somebody without a seat', () => isRefused('match_unknown', () => move(eve, {})));
  it('a move by a spectator of a public match', async () => {
    const opened = await ada.call('match.create', {
      game: 'tic-tac-toe',
      visibility: 'public',
      commandId: commandId(),
    });
    const open = String(opened.result?.match);
    await grace.call('match.join', { match: open, commandId: commandId() });
    expect((await eve.call('match.watch', { match: open })).result).toMatchObject({ seat: null });
    const before = readLog(castling).get(open);
    expect((await move(eve, { match: open, seq: 5 })).error?.data.code).toBe('not_seated');
    expect((await eve.call('match.resign', { match: open, commandId: commandId() })).error?.data.code).toBe(
      'not_seated',
    );
    expect(readLog(castling).get(open)).toEqual(before);
  });
  it('a move with a stale sequence, which gets what was missed', async () => {
    const before = logOf();
    const answer = await move(ada, { seq: seq - 2 });
    expect(answer.error?.data).toMatchObject({
      code: 'stale_sequence',
      missed: [
        { seq: seq - 2, move: 4 },
        { seq: seq - 1, move: 0 },
      ],
    });
    expect(logOf()).toEqual(before);
  });
  it('a move ahead of the match', () => isRefused('sequence_ahead', () => move(ada, { seq: seq + 1 })));
  it('a command id used for another move', async () => {
    const id = commandId();
    const square = (await move(ada, { commandId: id, move: 1 })).result?.move;
    expect(square).toBe(1);
    const before = logOf();
    expect((await move(ada, { commandId: id, move: 2 })).error?.data.code).toBe('command_conflict');
    expect((await move(ada, { commandId: id, move: 1 })).result).toMatchObject({ seq, move: 1 });
    expect(logOf()).toEqual(before);
  });
  it('resigning for the other', () =>
    isRefused('not_your_seat', () => ada.call('match.resign', { match, commandId: commandId(), seat: 1 })));
  it('resigning without a seat', () =>
    isRefused('match_unknown', () => eve.call('match.resign', { match, commandId: commandId() })));
  it('answering a draw that nobody offered', () =>
    isRefused('draw_not_offered', () =>
      ada.call('match.answerDraw', { match, commandId: commandId(), accept: true }),
    ));
  it('a rematch before the end', () =>
    isRefused('match_not_over', () => ada.call('match.offerRematch', { match, commandId: commandId() })));
  it('watching a private match without its code', () =>
    isRefused('match_unknown', () => eve.call('match.watch', { match })));
  it('looking at a private match without its code', () =>
    isRefused('match_unknown', () => eve.call('match.get', { match })));
  it('joining a full match', () =>
    isRefused('match_full', () => eve.call('match.join', { code, commandId: commandId() })));
  it('an unknown code', () =>
    isRefused('match_unknown', () => eve.call('match.join', { code: '22222222', commandId: commandId() })));
  it('an unknown match', () => isRefused('match_unknown', () => move(ada, { match: 'm_0000000000000000' })));
  it('an unknown game', () =>
    isRefused('game_unknown', () => ada.call('lobby.find', { game: 'go-fish', commandId: commandId() })));
  it('an unknown method', () => isRefused('method_unknown', () => ada.call('match.cheat', {})));
  it('unknown parameters', () => isRefused('params_invalid', () => move(ada, { force: true })));
  it('missing parameters', () => isRefused('params_invalid', () => ada.call('match.move', { match })));
  it('a command id that is none', () => isRefused('params_invalid', () => move(ada, { commandId: 'x' })));
  it('a resume from a sequence that is not there', () =>
    isRefused('sequence_ahead', () =>
      ada.call('match.join', { match, after: seq + 100, commandId: commandId() }),
    ));

  it('a move in a finished match', async () => {
    await ada.call('match.resign', { match, commandId: commandId() });
    const before = logOf();
    expect(before.at(-1)?.type).toBe('ended');
    expect((await move(ada, { seq: seq + 2 })).error?.data.code).toBe('match_over');
    expect((await move(grace, { seq: seq + 2 })).error?.data.code).toBe('match_over');
    expect(logOf()).toEqual(before);
  });
});

describe('B10 B17 violations end the socket, and only that socket', () => {
  let castling: RunningCastling;
  let ada: RawPlayer;

  beforeAll(async () => {
    castling = await startCastling();
    ada = await registerRawPlayer(castling, { name: 'ada' });
  });
  afterAll(async () => {
    ada.close();
    await castling[Symbol.asyncDispose]();
  });

  const fresh = () => openRawPlayer(castling, ada.grant);

  it.each([
    ['text that is not JSON', 'hello', 'parse_error'],
    [
      'a batch',
      '[{"jsonrpc":"2.0","id":1,"method":"match.list","params":{"filter":"mine"}}]',
      'invalid_request',
    ],
    ['a number', '7', 'invalid_request'],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"match.list","params":{}}', 'invalid_request'],
    ['no id', '{"jsonrpc":"2.0","method":"lobby.cancel","params":{"game":"tic-tac-toe"}}', 'invalid_request'],
    [
      'nesting beyond the limit',
      `{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":${'['.repeat(7000)}${']'.repeat(7000)}}}`,
      'parse_error',
    ],
    ['a name that occurs twice', '{"jsonrpc":"2.0","id":1,"id":2,"method":"x","params":{}}', 'parse_error'],
    [
      '__proto__',
      '{"jsonrpc":"2.0","id":1,"method":"x","params":{"__proto__":{"polluted":1}}}',
      'parse_error',
    ],
    ['1e400', '{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":1e400}}', 'parse_error'],
  ])('%s', async (_name, text, code) => {
    const player = await fresh();
    player.send(text);
    expect((await player.closed).code).toBe(4500);
    const [refusal, closing] = player.received.slice(-2);
    expect(refusal).toMatchObject({ id: null, error: { data: { code } } });
    expect(closing).toMatchObject({ method: 'session.closing', params: { code: 4500, reconnect: false } });
    expect((await ada.call('match.list', { filter: 'mine' })).result).toEqual({ matches: [] });
  });

  it.each([
    ['a binary frame', Buffer.from('{}'), 1003],
    ['text over 16 KiB', 'x'.repeat(16 * 1024 + 1), 1009],
    ['nesting 100,000 deep', `{"a":${'['.repeat(100_000)}`, 1009],
    ['text of 1 MiB', randomBytes(512 * 1024).toString('hex'), 1009],
  ])('%s', async (_name, data, code) => {
    const player = await fresh();
    player.send(data);
    expect((await player.closed).code).toBe(code);
    expect((await ada.call('match.list', { filter: 'mine' })).result).toEqual({ matches: [] });
  });
});

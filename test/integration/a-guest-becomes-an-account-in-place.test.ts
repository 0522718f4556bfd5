import { expect, it } from 'vitest';
import type { ProxyPlayer } from '../support/proxy-player.ts';
import { type Account, ProxyRig } from '../support/proxy-rig.ts';

async function post(rig: ProxyRig, path: string, body: object, token?: string) {
  const answer = await rig.request(path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: JSON.parse(answer.body) };
}

const seatsSeen = async (player: ProxyPlayer, code: string) =>
  (await player.demand('match.get', { code })).snapshot.seats;

it('a guest plays under a mark, and keeps seat, match and socket when it becomes an account', async () => {
  await using rig = await ProxyRig.start();
  const guest = (await post(rig, '/auth/guest', {})).body as Account;
  const playing = await rig.player('', { token: guest.access_token });
  expect((await playing.signedIn).result).toMatchObject({ name: guest.name, guest: true });
  const bob = await rig.player('bob');
  const early = await rig.player('early');
  // Somebody watches from before the guest comes, so that the guest's arrival passes through a stream that stays warm.
  const {
    match,
    code,
    seat: bobs,
  } = await bob.demand('match.create', {
    game: 'tic-tac-toe',
    commandId: bob.commandId(),
  });
  const watched = await early.demand('match.watch', { code });
  const snapshotBefore: number = watched.snapshot.seq;
  const { seat, snapshot } = await playing.demand('match.join', { code, commandId: playing.commandId() });
  const { seq } = snapshot;
  const marked = { seat, name: guest.name, guest: true };
  expect(await seatsSeen(bob, code)).toContainEqual(marked);
  expect(await seatsSeen(bob, code)).toContainEqual({ seat: bobs, name: 'bob' });
  const joined = await early.notification(
    'match.event',
    (event) => event.type === 'joined' && event.seat === seat,
  );
  expect(joined).toMatchObject(marked);
  const { matches } = await bob.demand('match.list', { filter: 'mine' });
  expect(matches[0].seats).toContainEqual(marked);

  const upgraded = await post(
    rig,
    '/auth/guest/upgrade',
    { name: 'ada', password: 'correct horse' },
    guest.access_token,
  );
  expect(upgraded).toMatchObject({
    status: 200,
    body: { player: guest.player, session: guest.session, name: 'ada' },
  });

  // The socket that was open all the time plays on, in the same seat.
  const mover = seat === 0 ? playing : bob;
  expect(
    await mover.demand('match.move', { match, seq: seq + 1, commandId: mover.commandId(), move: 4 }),
  ).toMatchObject({
    seq: seq + 1,
    seat: 0,
  });
  expect(playing.isClosed).toBe(false);
  expect((await playing.demand('match.list', { filter: 'mine' })).matches[0]).toMatchObject({ match, seat });
  const now = { seat, name: 'ada' };
  expect(await seatsSeen(bob, code)).toContainEqual(now);
  // Whoever comes now, to a stream that is warm here, reads the new name, although the stream keeps what it gave out.
  const late = await rig.player('late');
  const story = (await late.demand('match.watch', { code, after: snapshotBefore })).events;
  expect(story.map((event: { seq: number }) => event.seq)).toEqual(
    story.map((_: unknown, index: number) => index + snapshotBefore + 1),
  );
  const renamed = story.filter(
    ({ type, seat: at }: { type: string; seat: number }) => type === 'joined' && at === seat,
  );
  expect(renamed).toMatchObject([now]);
  expect(renamed[0].guest).toBeUndefined();
  expect((await bob.demand('match.list', { filter: 'mine' })).matches[0].seats).toContainEqual(now);
});

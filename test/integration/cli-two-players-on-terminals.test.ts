import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CliOptions, CliProcess } from '../support/cli-process.ts';
import { type RealServer, startRealServer } from '../support/cli-real-server.ts';
import { CliScreen } from '../support/cli-screen.ts';

let server: RealServer;
let ada: CliOptions;
let bob: CliOptions;
const screens: CliScreen[] = [];

beforeAll(async () => {
  server = await startRealServer();
  [ada, bob] = await Promise.all([server.player('ada'), server.player('bob')]);
});
afterEach(async () => {
  for (const screen of screens.splice(0)) await screen.close();
});
afterAll(() => server?.stop());

async function open(args: readonly string[], player: CliOptions, columns = 80): Promise<CliScreen> {
  const screen = await CliScreen.open(args, { ...player, columns, rows: 24 });
  screens.push(screen);
  return screen;
}

/** ada on a narrow terminal plays X, bob on a wide one plays O. */
async function begin(): Promise<{ x: CliScreen; o: CliScreen }> {
  const x = await open(['play', 'tic-tac-toe', '--create'], ada, 40);
  const [, code = ''] = (await x.shows(/Invite code: \w+/)).match(/Invite code: (\w+)/) ?? [];
  const o = await open(['play', 'tic-tac-toe', '--join', code], bob);
  await x.shows('Your turn');
  return { x, o };
}

describe('two players on terminals', () => {
  it('choose squares by arrows or digits on a board redrawn in place, and play again', async () => {
    const { x, o } = await begin();
    await x.press('Left', 'Up', 'Enter');
    await o.shows('ada played 1.');
    await o.press('1');
    await o.shows('That square is taken.');
    await o.press('2');
    await x.shows('bob played 2.');
    await x.press('4');
    await o.shows('ada played 4.');
    await o.press('3');
    await x.shows('bob played 3.');
    await x.press('7');
    await o.shows(/ada has won. \(a full line\)/);
    const final = await x.shows(/You have won!/);
    expect(final.match(/tic-tac-toe/g), 'one board, not one for each move').toHaveLength(1);
    expect(final).toContain(' X | O | O\n   ---+---+---\n    X | 5 | 6');
    await x.press('p');
    await o.shows('The other player wants to play');
    await o.press('p');
    await o.shows(/X bob \(you\)[\s\S]*Your turn/);
    await x.shows('bob is thinking');
  });

  it('leave by Ctrl-C with the terminal as it was, and find their seat again', async () => {
    const { x, o } = await begin();
    await x.press('5');
    await o.shows('ada played 5.');
    await o.press('C-c');
    const left = await o.shows(/exit code \d+[\s\S]*echo/);
    expect(left).toContain('exit code 130');
    expect(left).toMatch(/^icanon$/m);
    expect(left).toMatch(/^echo$/m);
    expect(await o.cursorIsVisible()).toBe(true);
    await x.shows(/bob \(away\)/);
    const [, match = ''] = left.replaceAll('\n', '').match(/--join (m_[\w-]{16})/) ?? [];
    const back = await open(['play', 'tic-tac-toe', '--join', match], bob);
    expect(await back.shows('Your turn')).toContain('4 | X | 6');
    await x.shows(/bob \(here\)/);
  });

  it('resign only after a second thought', async () => {
    const { x, o } = await begin();
    await x.press('r');
    await x.shows('Resign this match');
    await x.press('n');
    await x.shows('Your turn');
    await x.press('r');
    await x.shows('Resign this match');
    await x.press('y');
    await o.shows(/You have won! \(by resignation\)/);
    await o.press('q');
    await o.shows('exit code 0');
  });

  it('are watched from the first move by whoever knows the code', async () => {
    const eve = await server.player('eve');
    const inviting = new CliProcess(['play', 'tic-tac-toe', '--create', '--json'], ada);
    const [, match = '', code = ''] = await inviting.sees(/"match":"(m_[^"]+)".*"code":"([^"]+)"/);
    const accepting = new CliProcess(['play', 'tic-tac-toe', '--join', code], bob);
    inviting.type('1\n');
    await accepting.sees('opponent played : 1');
    const stranger = new CliProcess(['watch', match, '--plain'], eve);
    expect(await stranger.done).toBe(1);
    expect(stranger.stderr).toContain('There is no such match, or it is private.');
    const drawn = await open(['watch', code], eve);
    await drawn.shows('watching');
    const watching = new CliProcess(['watch', code, '--plain'], eve);
    await watching.sees('ada played : 1');
    accepting.finish('4\n5\n');
    inviting.finish('2\n3\n');
    expect(await watching.done).toBe(0);
    expect(watching.stdout.match(/played : \d/g)).toEqual(
      [1, 4, 2, 5, 3].map((square) => `played : ${square}`),
    );
    expect(watching.stdout.endsWith('ada has won\nGame ended\n')).toBe(true);
    await drawn.shows('ada has won.');
    await Promise.all([inviting.done, accepting.done]);
  });
});

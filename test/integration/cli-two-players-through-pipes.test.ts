import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliOptions, CliProcess, runCli } from '../support/cli-process.ts';
import { type RealServer, startRealServer } from '../support/cli-real-server.ts';

let server: RealServer;
let ada: CliOptions;
let bob: CliOptions;

beforeAll(async () => {
  server = await startRealServer();
  [ada, bob] = await Promise.all([server.player('ada'), server.player('bob')]);
});
afterAll(() => server?.stop());

/** ada invites, bob accepts; both get all their moves at once, as a pipe gives them. */
async function play(adaMoves: string, bobMoves: string): Promise<[string, string]> {
  const inviting = new CliProcess(['play', 'tic-tac-toe', '--create', '--plain'], ada);
  const [, code = ''] = await inviting.sees(/Invite code: (\S+)/);
  const accepting = new CliProcess(['play', 'tic-tac-toe', '--join', code], bob);
  inviting.finish(adaMoves);
  accepting.finish(bobMoves);
  expect([await inviting.done, await accepting.done]).toEqual([0, 0]);
  return [inviting.stdout.replace(/^Invite code: .*\n/, ''), accepting.stdout];
}

describe('two players, each a process with pipes, against `castling start`', () => {
  it('play to a win and a loss, in the words of the classroom program', async () => {
    const [winner, loser] = await play('1\n2\n3\n', '4\n5\n');
    expect(winner).toBe(`_ _ _
_ _ _
_ _ _
Enter your move :
X _ _
_ _ _
_ _ _
opponent played : 4
X _ _
O _ _
_ _ _
Enter your move :
X X _
O _ _
_ _ _
opponent played : 5
X X _
O O _
_ _ _
Enter your move :
X X X
O O _
_ _ _
you have won
Game ended
`);
    expect(loser).toContain('opponent played : 1\nX _ _\n_ _ _\n_ _ _\nEnter your move :\n');
    expect(loser.endsWith('X X X\nO O _\n_ _ _\nopp has won\nGame ended\n')).toBe(true);
  });

  it('play to a draw', async () => {
    const [first, second] = await play('1\n3\n4\n8\n9\n', '2\n5\n6\n7\n');
    for (const transcript of [first, second]) {
      expect(transcript.endsWith('X O X\nX O O\nO X X\ndraw\nGame ended\n')).toBe(true);
    }
  });

  it('are told on standard error why a move is refused, and asked again', async () => {
    const inviting = new CliProcess(['play', 'tic-tac-toe', '--create', '--plain'], ada);
    const [, code = ''] = await inviting.sees(/Invite code: (\S+)/);
    const accepting = new CliProcess(['play', 'tic-tac-toe', '--join', code.toLowerCase()], bob);
    inviting.finish('0\nfive\n5\n1\n9\n3\n');
    accepting.finish('5\n1\n2\nresign\n');
    expect([await inviting.done, await accepting.done]).toEqual([0, 0]);
    expect(inviting.stderr).toContain('"0" is not a square: type a digit from 1 to 9.');
    expect(inviting.stderr).toContain('"five" is not a square');
    expect(accepting.stderr).toContain('That square is taken.');
    expect(accepting.stdout.endsWith('opp has won\nGame ended\n')).toBe(true);
    expect(inviting.stdout.endsWith('you have won\nGame ended\n')).toBe(true);
  });

  it('keep their seat when the input ends, and come back to it', async () => {
    const inviting = new CliProcess(['play', 'tic-tac-toe', '--create', '--json'], ada);
    const [, match = '', code = ''] = await inviting.sees(/"match":"(m_[^"]+)".*"code":"([^"]+)"/);
    const accepting = new CliProcess(['play', 'tic-tac-toe', '--join', code], bob);
    inviting.finish('1\n');
    accepting.finish('4\n5\n');
    expect(await inviting.done).toBe(3);
    expect(inviting.objects.at(-1)).toMatchObject({ type: 'error', code: 'input_ended', exitCode: 3 });
    expect(inviting.objects.at(-1)?.message).toContain(`play tic-tac-toe --join ${match}`);
    const back = new CliProcess(['play', 'tic-tac-toe', '--join', match], ada);
    back.finish('2\n3\n');
    expect([await back.done, await accepting.done]).toEqual([0, 0]);
    expect(back.stdout.endsWith('you have won\nGame ended\n')).toBe(true);
  });

  it('find each other in the lobby, and both lists show the end', async () => {
    const first = new CliProcess(['play', 'tic-tac-toe', '--json'], ada);
    await first.sees('waiting');
    const second = new CliProcess(['play', 'tic-tac-toe', '--json'], bob);
    first.finish('1\n2\n3\n');
    second.finish('4\n5\n7\n');
    expect([await first.done, await second.done]).toEqual([0, 0]);
    const results = [first, second].map(
      ({ objects }) => objects.find(({ type }) => type === 'result')?.outcome,
    );
    expect(results.sort()).toEqual(['lost', 'won']);
    const match = String(first.objects.find(({ type }) => type === 'match')?.match);
    const { stdout } = await runCli(['matches'], ada);
    expect(stdout.split('\n').find((line) => line.startsWith(match))).toMatch(
      /(ada - bob|bob - ada) +you (won|lost) +just now/,
    );
  });
});

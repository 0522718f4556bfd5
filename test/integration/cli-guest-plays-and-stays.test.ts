import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type CliOptions, CliProcess, runCli } from '../support/cli-process.ts';
import { startRealServer } from '../support/cli-real-server.ts';

it('somebody plays from the terminal without an account, makes one in mid-match, and goes on', async () => {
  const server = await startRealServer();
  try {
    const bob = await server.player('bob');
    const guest: CliOptions = {
      home: join(server.folder, 'home-guest'),
      url: server.url,
      certs: server.certs,
    };
    const playing = new CliProcess(['play', 'tic-tac-toe', '--guest', '--create', '--plain'], guest);
    const [, name = ''] = await playing.sees(/You play as the guest ([a-z]+-[a-z]+-\d+)\./, 'stderr');
    const [, code = ''] = await playing.sees(/Invite code: (\S+)/);
    const opponent = new CliProcess(['play', 'tic-tac-toe', '--join', code, '--json'], bob);
    await opponent.sees(`"${name}"`);
    expect(JSON.stringify(opponent.objects)).toContain(`"name":"${name}","guest":true`);
    playing.type('1\n');
    await playing.sees('X _ _');

    // In another terminal of the same person, while the match goes on.
    const input = 'a fine password for ada\n';
    const registered = await runCli(['register', 'ada', '--password-stdin', '--json'], { ...guest, input });
    expect(JSON.parse(registered.stdout)).toMatchObject({ name: 'ada', wasGuest: name });
    expect(JSON.parse(registered.stdout).recoveryCodes).toHaveLength(8);
    const [who, listed] = await Promise.all([runCli(['whoami', '--json'], guest), runCli(['matches'], bob)]);
    expect(JSON.parse(who.stdout)).toMatchObject({ name: 'ada', isGuest: false });
    expect(listed.stdout).toMatch(/ada - bob|bob - ada/);

    opponent.finish('4\n5\n');
    playing.finish('2\n3\n');
    expect([await playing.done, await opponent.done]).toEqual([0, 0]);
    expect(playing.stdout).toContain('you have won');
    const mine = await runCli(['matches', '--json'], guest);
    expect(JSON.parse(mine.stdout)).toMatchObject({ status: 'over', result: { kind: 'won' } });
    // The name of before still finds the sign-in, for whatever runs under it.
    expect((await runCli(['whoami', '--as', name], guest)).stdout).toContain('ada at');
    const again = await runCli(['play', 'tic-tac-toe', '--guest'], guest);
    expect([again.code, again.stderr]).toEqual([64, expect.stringContaining('signed in as ada')]);
  } finally {
    await server.stop();
  }
});

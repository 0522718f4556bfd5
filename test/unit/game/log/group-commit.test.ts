import { describe, expect, it } from 'vitest';
import { GroupCommit } from '../../../../src/game/log/group-commit.ts';
import { LogUnavailable } from '../../../../src/game/log/log-unavailable.ts';
import type { CommitGroup, GroupOutcome } from '../../../../src/store/index.ts';

const group = (name: string): CommitGroup => [{ sql: name, parameters: [] } as never];

/** A store whose commits end when the test says so, and turns of the event loop that the test makes. */
function bench({ groupsMost = 512, waitingMost = 100 } = {}) {
  const commits: { names: string[]; done: PromiseWithResolvers<readonly GroupOutcome[]> }[] = [];
  const turns: (() => void)[] = [];
  const commit = new GroupCommit({
    groupsMost,
    waitingMost,
    afterTurn: (run) => turns.push(run),
    commit: (groups) => {
      const done = Promise.withResolvers<readonly GroupOutcome[]>();
      commits.push({ names: groups.map(([query]) => query?.sql ?? ''), done });
      return done.promise;
    },
  });
  const turn = () => turns.shift()?.();
  const settled = async () => await new Promise<void>((resolve) => setImmediate(resolve));
  return { commit, commits, turn, settled };
}

describe('group commit', () => {
  it('lets all of one turn share one commit', async () => {
    const { commit, commits, turn } = bench();
    const writes = ['a', 'b', 'c'].map((name) => commit.write(group(name)));
    turn();
    expect(commits.map(({ names }) => names)).toEqual([['a', 'b', 'c']]);
    commits[0]!.done.resolve(['stored', 'conflict', 'stored']);
    expect(await Promise.all(writes)).toEqual(['stored', 'conflict', 'stored']);
  });

  it('has one commit under way at a time; what comes meanwhile goes together into the next', async () => {
    const { commit, commits, turn, settled } = bench();
    const first = commit.write(group('a'));
    turn();
    const later = [commit.write(group('b')), commit.write(group('c'))];
    turn();
    await settled();
    expect(commits).toHaveLength(1);
    commits[0]!.done.resolve(['stored']);
    await first;
    turn();
    expect(commits[1]!.names).toEqual(['b', 'c']);
    commits[1]!.done.resolve(['stored', 'stored']);
    await Promise.all(later);
    await commit.idle();
  });

  it('answers nobody before the commit is over', async () => {
    const { commit, commits, turn, settled } = bench();
    let answered = false;
    const write = commit.write(group('a')).finally(() => {
      answered = true;
    });
    turn();
    await settled();
    expect(answered).toBe(false);
    commits[0]!.done.resolve(['stored']);
    await write;
    expect(answered).toBe(true);
  });

  it('fails all of a commit that failed, and goes on with the next', async () => {
    const { commit, commits, turn, settled } = bench();
    const writes = [commit.write(group('a')), commit.write(group('b'))];
    turn();
    const next = commit.write(group('c'));
    commits[0]!.done.reject(new Error('disk'));
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await settled();
    turn();
    commits[1]!.done.resolve(['stored']);
    expect(await next).toBe('stored');
  });

  it('bounds a commit and what waits', async () => {
    const { commit, commits, turn, settled } = bench({ groupsMost: 2, waitingMost: 3 });
    const writes = ['a', 'b', 'c'].map((name) => commit.write(group(name)));
    await expect(commit.write(group('d'))).rejects.toThrow(LogUnavailable);
    turn();
    expect(commits[0]!.names).toEqual(['a', 'b']);
    commits[0]!.done.resolve(['stored', 'stored']);
    await settled();
    turn();
    commits[1]!.done.resolve(['stored']);
    await Promise.all(writes);
  });
});

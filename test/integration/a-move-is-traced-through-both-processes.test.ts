import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startCastling } from '../support/castling.ts';
import { type CollectedSpan, startOtlpCollector } from '../support/otlp-collector.ts';
import { playToTheEnd, registerPlayer } from '../support/player.ts';

/** What may stand in a trace beside times and ids. */
const allowed = ['castling.match', 'castling.player', 'castling.request', 'castling.refusal'];

async function playOneMatch(castling: Parameters<typeof registerPlayer>[0]) {
  const ada = await registerPlayer(castling, { name: 'canary_ada' });
  const bob = await registerPlayer(castling, { name: 'canary_bob' });
  const first = await ada.connection.createMatch({ game: 'tic-tac-toe', visibility: 'public' });
  const second = await bob.connection.joinMatch({ match: first.id });
  await Promise.all([playToTheEnd(first), playToTheEnd(second)]);
  expect(first.state.status).toBe('over');
  for (const { connection } of [ada, bob]) connection.close();
  return { match: first.id, players: [ada, bob] };
}

/** Of every trace of a move: all its spans. */
function movesIn(spans: readonly CollectedSpan[]): CollectedSpan[][] {
  const ids = spans
    .filter(({ name, service }) => name === 'match.move' && service === 'castling-proxy')
    .map(({ traceId }) => traceId);
  return ids.map((id) => spans.filter(({ traceId }) => traceId === id));
}

const named = (spans: readonly CollectedSpan[], service: string, name: string) =>
  spans.find((span) => span.service === service && span.name === name);

describe('a move', () => {
  it('is one trace with the stages of both processes, without a name, token or move in it', async () => {
    await using collector = await startOtlpCollector();
    const args = ['--set', `traces.endpoint=${collector.endpoint}`, '--set', 'traces.sampleRatio=1'];
    await using castling = await startCastling({ args });
    const { match, players } = await playOneMatch(castling);
    // Seven moves on the first free squares end a match, and each has two wholes and eight stages.
    await collector.until((spans) => movesIn(spans).filter((move) => move.length >= 10).length >= 7);
    const moves = movesIn(collector.spans);
    expect(moves).toHaveLength(7);
    for (const move of moves) {
      const proxy = named(move, 'castling-proxy', 'match.move');
      const link = named(move, 'castling-proxy', 'link');
      const backend = named(move, 'castling-backend', 'match.move');
      expect(proxy?.parentSpanId ?? '').toBe('');
      expect(proxy?.attributes['castling.match']).toBe(match);
      expect(backend?.parentSpanId).toBe(link?.spanId);
      const stages = (whole: CollectedSpan | undefined) =>
        move
          .filter(({ parentSpanId, name }) => parentSpanId === whole?.spanId && name !== 'match.move')
          .sort((one, other) => (BigInt(one.startTimeUnixNano) < BigInt(other.startTimeUnixNano) ? -1 : 1))
          .map(({ name }) => name);
      expect(stages(proxy)).toEqual(['receive', 'policy', 'link', 'answer']);
      expect(stages(backend)).toEqual(['queue', 'rules', 'commit', 'answer']);
    }
    const everything = collector.bodies.join('\n');
    for (const { name, accessToken, refreshToken } of players) {
      for (const secret of [name, accessToken, refreshToken]) expect(everything).not.toContain(secret);
    }
    const keys = new Set(collector.spans.flatMap(({ attributes }) => Object.keys(attributes)));
    expect([...keys].filter((key) => !allowed.includes(key))).toEqual([]);
  });

  it('is played alike when the collector takes everything and answers nothing, and Castling ends in time', async () => {
    await using collector = await startOtlpCollector({ manner: 'hangs' });
    const folder = mkdtempSync(join(tmpdir(), 'castling-traces-'));
    const settings = join(folder, 'castling.yaml');
    writeFileSync(settings, `traces: { endpoint: "${collector.endpoint}", sampleRatio: 1 }\n`);
    await using castling = await startCastling({ args: ['--settings', settings] });
    await playOneMatch(castling);
    await collector.until((spans) => spans.length > 0);
    // It answered nothing, and holds up neither players nor the end of the processes.
    expect(await castling.stop()).toBe(0);
    expect(castling.output()).not.toContain('deadline-passed');
    rmSync(folder, { recursive: true });
  });
});

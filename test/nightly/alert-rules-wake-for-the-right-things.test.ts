import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const rules = join(import.meta.dirname, '..', '..', 'docs', 'monitoring', 'alerts.yaml');

/** Series over time in promtool’s notation, and the alerts that must fire at minute 15, no others. */
const cases: readonly (readonly [series: Readonly<Record<string, string>>, fires: readonly string[]])[] = [
  [
    {
      'castling_proxy_workers{instance="a"}': '2x20',
      'castling_link_backends{instance="a",state="up"}': '1x20',
    },
    [],
  ],
  [{}, ['CastlingGone']],
  [{ 'castling_proxy_workers{instance="a"}': '2x5 0x15' }, ['CastlingHasNoWorker']],
  [
    {
      'castling_proxy_workers{instance="a"}': '2x20',
      'castling_link_backends{instance="a",state="up"}': '1x5 0x15',
    },
    ['CastlingBackendAway'],
  ],
  [
    {
      'castling_proxy_workers{instance="a"}': '2x20',
      'castling_http_requests_total{instance="a",kind="POST /auth/login",status="401"}': '0+600x20',
      'castling_http_requests_total{instance="a",kind="POST /auth/login",status="200"}': '0+10x20',
    },
    ['CastlingGuessing'],
  ],
  [
    {
      'castling_proxy_workers{instance="a"}': '2x20',
      'castling_http_requests_total{instance="a",kind="POST /auth/login",status="401"}': '0+60x20',
      'castling_http_requests_total{instance="a",kind="POST /auth/login",status="200"}': '0+600x20',
    },
    [],
  ],
];

it('the alert rules are sound, and fire for what they name and for nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'castling-alerts-'));
  try {
    await run('promtool', ['check', 'rules', rules]);
    const names = ['CastlingGone', 'CastlingHasNoWorker', 'CastlingBackendAway', 'CastlingGuessing'];
    const tests = cases.map(([series, fires]) => ({
      interval: '1m',
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      promql_expr_test: names.map((name) => ({
        expr: `count(ALERTS{alertname="${name}",alertstate="firing"}) or vector(0)`,
        eval_time: '15m',
        exp_samples: [{ labels: '{}', value: fires.includes(name) ? 1 : 0 }],
      })),
    }));
    const file = join(folder, 'tests.json');
    await writeFile(file, JSON.stringify({ rule_files: [rules], evaluation_interval: '1m', tests }));
    const { stdout } = await run('promtool', ['test', 'rules', file]);
    expect(stdout).toContain('SUCCESS');
  } finally {
    await rm(folder, { recursive: true });
  }
});

/**
 * `npm run bench:setup`: installs what Castling is compared with. Programs come from Debian; what comes from npm gets a folder of
 * its own, `peers/`, so that none of it is ever a dependency of the project.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type DebianTool, provideTools } from '../../scripts/test-run/debian-tools.ts';

const programs: readonly DebianTool[] = [
  { tool: 'haproxy', package: 'haproxy', neededBy: 'benchmarks: a proxy' },
  { tool: 'nginx', package: 'nginx', neededBy: 'benchmarks: a proxy' },
  { tool: 'stunnel4', package: 'stunnel4', neededBy: 'benchmarks: a tunnel' },
  { tool: 'caddy', package: 'caddy', neededBy: 'benchmarks: a reverse proxy' },
];

try {
  provideTools(programs);
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'], {
    cwd: join(import.meta.dirname, 'peers'),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (npm.status !== 0) throw new Error('npm could not install the peers; its own message is above.');
  process.stdout.write('The peers are installed; now: npm run bench\n');
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = 1;
}

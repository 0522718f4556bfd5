import type { Command } from 'commander';
import { registerCheck } from './config/check.ts';
import { registerExplain } from './config/explain.ts';
import { registerInit } from './config/init.ts';
import { registerReload } from './config/reload.ts';
import { registerShow } from './config/show.ts';

/** `castling config`: what an operator asks about settings. */
export function register(program: Command): void {
  const config = program
    .command('config')
    .description('Show, check, explain and reload settings: castling.yaml, the environment, and flags.');
  registerShow(config);
  registerCheck(config);
  registerExplain(config);
  registerInit(config);
  registerReload(config);
}

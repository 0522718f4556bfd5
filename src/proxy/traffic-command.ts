import type { Command } from 'commander';
import { registerCapture } from './operator/capture.ts';
import { registerTest } from './operator/test-settings.ts';

/** `castling config capture` and `castling config test`: settings are tried on traffic that the proxy has seen. */
export function register(program: Command): void {
  const config = program.commands.find((command) => command.name() === 'config');
  if (config === undefined) throw new Error('`castling config` is registered before what belongs to it.');
  registerCapture(config);
  registerTest(config);
}

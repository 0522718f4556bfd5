/** Runs `castling admin …` by itself, as main.ts would. Started by tests only. */
import { Command } from 'commander';
import { register } from '../../src/auth/command.ts';

const program = new Command('castling').exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 64));
register(program);
await program.parseAsync();

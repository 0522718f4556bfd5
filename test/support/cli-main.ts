import { Command } from 'commander';
import { register } from '../../src/client/cli/command.ts';

// The player's commands alone, so that their tests need no other part of the program.
const program = new Command('castling').exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 64));
register(program);
await program.parseAsync();

/** Runs `castling backend` alone, without the other sub-commands. */
import { Command } from 'commander';
import { register } from '../../src/game/command.ts';

const program = new Command('castling');
register(program);
await program.parseAsync();

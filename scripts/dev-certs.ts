/**
 * Makes, renews or checks the development certificates: what `npm run certs` runs, and the same as `castling certs`.
 *
 *   npm run certs -- --force
 */
import { Command } from 'commander';
import { register } from '../src/supervisor/certs-command.ts';

const program = new Command('npm run');
register(program);
await program.parseAsync(['certs', ...process.argv.slice(2)], { from: 'user' });

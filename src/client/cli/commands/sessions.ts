import type { Command } from 'commander';
import { printable } from '../../../process/printable.ts';
import type { ListedSession } from '../../auth-client.ts';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';
import { textTable } from '../text-table.ts';

interface SessionsOptions extends SharedOptions {
  readonly end?: string;
}

/** `castling sessions` */
export function register(program: Command): void {
  const command = program
    .command('sessions')
    .description('list the devices on which you are signed in, or sign one out')
    .option('--end <session>', 'sign this one out; its games close within a second')
    .action((options: SessionsOptions) =>
      runClientCommand(options, (context) => listOrEnd(context, options)),
    );
  withSharedOptions(command);
}

async function listOrEnd(context: ClientContext, { end }: SessionsOptions): Promise<void> {
  const { name, session: mine } = await context.session();
  await context.establishTrust();
  const access = await context.tokens(name).accessToken();
  if (end !== undefined) {
    await context.auth.endSession(access, end);
    if (end === mine) await context.profile.forget(name);
    context.report(`Session ${printable(end)} has ended.`, { type: 'sessionEnded', session: end });
    return;
  }
  const sessions = await context.auth.sessions(access);
  if (context.json) for (const each of sessions) context.report('', { type: 'session', ...each });
  else context.report(table(sessions), {});
}

function table(sessions: readonly ListedSession[]): string {
  return textTable([
    ['SESSION', 'DEVICE', 'ADDRESS', 'SIGNED IN', 'LAST RENEWED', ''],
    ...sessions.map((each) => [
      printable(each.session),
      printable(each.device ?? '-'),
      printable(each.address ?? '-'),
      moment(each.createdAt),
      moment(each.lastSeenAt),
      each.current ? 'this one' : '',
    ]),
  ]);
}

/** Minutes are enough to tell one's devices apart. */
function moment(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}

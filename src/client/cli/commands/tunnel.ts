import type { Command } from 'commander';
import { printable } from '../../../process/printable.ts';
import { tunnelPath } from '../../../protocol/tunnel.ts';
import { ClientError } from '../../client-error.ts';
import { systemTimers } from '../../timers.ts';
import { CliError } from '../cli-error.ts';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';
import { ClientExit } from '../client-exit.ts';
import { explain } from '../explain.ts';
import { whenAborted, withInterrupts } from '../play/interrupts.ts';
import { readListenAddress, writeAddress } from '../tunnel/listen-address.ts';
import { dialTunnel } from '../tunnel/tunnel-dial.ts';
import { type TunnelEvent, TunnelListener } from '../tunnel/tunnel-listener.ts';

interface TunnelOptions extends SharedOptions {
  readonly listen: string;
  readonly unsafeShare?: boolean;
}

const help = `
A program that knows nothing of Castling connects to the address that you give with --listen, as if the server's program
listened there; its connections go to the route NAME through TLS, as you. Ctrl-C ends it.

Examples:
  castling tunnel classroom --listen 127.0.0.1:5000
  castling tunnel classroom --listen 5000 --as ada`;

/** `castling tunnel NAME` */
export function register(program: Command): void {
  const command = program
    .command('tunnel')
    .description('bring the connections of any TCP program on this machine to a route of the server')
    .argument('<name>', "the route's name, which the operator of the server tells you")
    .requiredOption('--listen <host:port>', 'where the program on this machine connects to')
    .option('--unsafe-share', 'listen where other machines can reach it, too: whoever does acts as you')
    .addHelpText('after', help)
    .action((name: string, options: TunnelOptions) =>
      runClientCommand(options, (context) => tunnel(context, { ...options, name })),
    );
  withSharedOptions(command);
}

async function tunnel(
  context: ClientContext,
  options: TunnelOptions & { readonly name: string },
): Promise<void> {
  const { name: route } = options;
  const wanted = readListenAddress(options.listen, { shared: options.unsafeShare === true });
  const { name } = await context.session();
  await context.establishTrust();
  const tokens = context.tokens(name);
  const { available } = await checkRoute(context, route, tokens);
  await withInterrupts(async (signal) => {
    const over = Promise.withResolvers<never>();
    over.promise.catch(() => {});
    const listener = new TunnelListener({
      url: `${context.address.origin.replace(/^https:/, 'wss:')}${tunnelPath}${route}`,
      tokens,
      dial: dialTunnel,
      timers: systemTimers,
      onEvent: (event) => {
        const ending = tell(context, event);
        if (ending !== undefined) over.reject(ending);
      },
    });
    const address = writeAddress(await listener.listen(wanted));
    const { origin } = context.address;
    const hint = available
      ? ''
      : ' No program answers behind this route yet; connections are tried all the same.';
    context.report(
      `${printable(route)} at ${origin} is open as ${printable(name)}: point your client at ${address}.${hint} Ctrl-C ends it.`,
      { type: 'listening', route, address, available },
    );
    try {
      await Promise.race([whenAborted(signal), over.promise]);
    } finally {
      await listener.close();
    }
    context.report('The tunnel is closed.', { type: 'closed' });
  });
}

/** Asks whether this player may use the route, before a program connects. A token that the server no longer takes is replaced once. */
async function checkRoute(
  { http, call }: ClientContext,
  route: string,
  tokens: ReturnType<ClientContext['tokens']>,
): Promise<{ readonly available: boolean }> {
  const path = `${tunnelPath}${encodeURIComponent(route)}`;
  const access = await tokens.accessToken();
  try {
    const answer = await http.call('GET', path, { access }).catch(async (error: unknown) => {
      if (!(error instanceof ClientError) || error.httpStatus !== 401) throw error;
      return await http.call('GET', path, { access: await tokens.accessToken({ rejected: access.token }) });
    });
    return { available: answer?.available === true };
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== 'refused') throw error;
    if (error.httpStatus === 401) throw new ClientError('signed_out', error.message, { cause: error });
    throw refused(error, { route, call });
  }
}

function refused(
  error: ClientError,
  { route, call }: { readonly route: string; readonly call: ClientContext['call'] },
): unknown {
  const cause = { exitCode: ClientExit.refused, cause: error };
  switch (error.refusal?.code) {
    case 'not_found':
      return new CliError(
        'route_unknown',
        `There is no route ${printable(route)} for tunnels there; ask the server's operator for its name.`,
        cause,
      );
    case 'route_refused':
      return new CliError(
        'route_refused',
        `You may not use the route ${printable(route)}; ask the server's operator, or \`${call('tunnel NAME --as PLAYER')}\` as somebody who may.`,
        { exitCode: ClientExit.noPermission, cause: error },
      );
    default:
      return error;
  }
}

/** Tells what happens to a connection; gives an error when no further one can succeed. */
function tell(context: ClientContext, event: TunnelEvent): unknown {
  const { number } = event;
  switch (event.kind) {
    case 'opened':
      context.report(`Connection ${number} begins.`, { type: 'connection', number, state: 'begins' });
      return undefined;
    case 'done': {
      const { up, down } = event;
      const object = { type: 'connection', number, state: 'ended', up, down };
      context.report(`Connection ${number} has ended: ${up} bytes there, ${down} back.`, object);
      return undefined;
    }
    case 'failed': {
      const { up, down, error } = event;
      if (error instanceof ClientError && error.code === 'aborted') return undefined;
      const explained = explain(error, context);
      const reason = printable(explained instanceof Error ? explained.message : String(explained));
      const code = explained instanceof CliError ? explained.code : 'unexpected';
      const object = { type: 'connection', number, state: 'broken', code, reason, up, down };
      context.report(`Connection ${number} was broken off: ${reason}`, object);
      return error instanceof ClientError && error.code === 'signed_out' ? error : undefined;
    }
  }
}

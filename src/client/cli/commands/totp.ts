import type { Command } from 'commander';
import { printable } from '../../../process/printable.ts';
import type { HeldToken } from '../../access-token.ts';
import { isRefusal } from '../../client-error.ts';
import { withSecondFactor } from '../../second-factor.ts';
import type { TotpSecret } from '../../ways-in-client.ts';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';
import { presentPassword, Secrets } from '../secrets.ts';
import { terminalQrCode } from '../terminal-qr-code.ts';

interface TotpOptions extends SharedOptions {
  readonly passwordStdin?: boolean;
}

/** `castling totp …` */
export function register(program: Command): void {
  const totp = program
    .command('totp')
    .description('have signing in take the code of an authenticator app, beside the password');
  const enable = totp
    .command('enable')
    .description('set an authenticator app up, by a QR code')
    .option(
      '--password-stdin',
      'read the password, then the code that the app shows, a line each, from standard input',
    )
    .action((options: TotpOptions) => runClientCommand(options, (context) => turnOn(context, options)));
  const disable = totp
    .command('disable')
    .description('do without the app again; takes a code of it, or a recovery code')
    .option('--password-stdin', 'read the password, then the code, a line each, from standard input')
    .action((options: TotpOptions) => runClientCommand(options, (context) => turnOff(context, options)));
  withSharedOptions(enable);
  withSharedOptions(disable);
}

async function turnOn(context: ClientContext, { passwordStdin }: TotpOptions): Promise<void> {
  const { name } = await context.session();
  await context.establishTrust();
  const secrets = new Secrets(context.terminal, { fromStdin: passwordStdin });
  const current = await secrets.ask(presentPassword);
  const access = await context.tokens(name).accessToken();
  const secret = await withSecondFactor(
    (code) => context.waysIn.enrolTotp(access, { current, code }),
    secrets.askCode,
  );
  await show(context, secret);
  await confirm(context, { access, secrets });
  const { recoveryCodes } = await context.waysIn.secondFactor(access);
  context.report(
    `Done: signing in as ${name} takes a code of the app now. When the phone is lost, a recovery code stands in for it; you have ${recoveryCodes}.`,
    { type: 'totpEnabled', name, recoveryCodesLeft: recoveryCodes },
  );
}

async function show({ report, terminal }: ClientContext, { secret, uri }: TotpSecret): Promise<void> {
  const picture = terminal.stdout.isTTY === true ? await terminalQrCode(uri) : '';
  report(
    `${picture}Scan this with an authenticator app, or type the secret into it. It is not shown again.
  secret  ${spaced(printable(secret))}
  address ${printable(uri)}
Signing in stays as it is until you have typed a code that the app shows.`,
    { type: 'totpSecret', secret, uri },
  );
}

async function confirm(
  { waysIn }: ClientContext,
  { access, secrets }: { readonly access: HeldToken; readonly secrets: Secrets },
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const code = await secrets.askCode(attempt);
    try {
      return await waysIn.confirmTotp(access, code ?? '');
    } catch (error) {
      if (code === undefined || !isRefusal(error, 'second_factor_wrong')) throw error;
    }
  }
}

async function turnOff(context: ClientContext, { passwordStdin }: TotpOptions): Promise<void> {
  const { name } = await context.session();
  await context.establishTrust();
  const secrets = new Secrets(context.terminal, { fromStdin: passwordStdin });
  const current = await secrets.ask(presentPassword);
  const access = await context.tokens(name).accessToken();
  await withSecondFactor((code) => context.waysIn.disableTotp(access, { current, code }), secrets.askCode);
  context.report(`Signing in as ${name} takes no code of an authenticator app any more.`, {
    type: 'totpDisabled',
    name,
  });
}

/** In groups of four, as apps show it. */
function spaced(secret: string): string {
  return secret.replaceAll(/(.{4})(?=.)/g, '$1 ');
}

import { printable } from '../../process/printable.ts';
import type { Grant } from '../auth-client.ts';
import type { DeviceFlowStart } from '../device-flow.ts';
import type { ClientContext } from './client-command.ts';
import { openPage } from './open-page.ts';
import { deviceLabel, signIn } from './sign-in.ts';
import { terminalQrCode } from './terminal-qr-code.ts';

/** Signs in by a browser: whatever opens the account there, a passkey too, lets this terminal in. */
export async function signInByBrowser(
  context: ClientContext,
  { name, open }: { readonly name: string | undefined; readonly open: boolean },
): Promise<Grant> {
  const { deviceFlow, profile, terminal } = context;
  const started = await deviceFlow.begin(deviceLabel);
  await show(context, started);
  if (open) openPage(terminal, started.pageWithCode);
  const deviceToken = name === undefined ? undefined : await profile.deviceToken(name.toLowerCase());
  return await signIn(context, (prover) => deviceFlow.wait(started, { deviceToken, prover }));
}

async function show({ terminal, report }: ClientContext, started: DeviceFlowStart): Promise<void> {
  const { page, pageWithCode, userCode, expiresIn } = started;
  const picture = terminal.stdout.isTTY === true ? await terminalQrCode(pageWithCode) : '';
  report(
    `${picture}Open this page on any device, and sign in there if you are not:

  ${printable(pageWithCode)}

Let this terminal in only if the page shows the code  ${printable(userCode)}
Waiting for your answer there, for ${Math.round(expiresIn / 60)} minutes. Ctrl-C gives up.`,
    { type: 'deviceCode', userCode, page, pageWithCode, expiresIn },
  );
}

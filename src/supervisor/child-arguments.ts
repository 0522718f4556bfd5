import { type GivenFlag, type LoadedSettings, settingText } from '../settings/index.ts';

/**
 * Keys by which the children find one another. A child that is started again must not take new values from the file while
 * the others still use the old ones, so they come from here.
 */
const shared = ['data', 'certs', 'backend.host', 'backend.port', 'backend.count', 'proxy.link'];

/** The command line of a child: the same settings file, what the operator's own command line said, and what all share. */
export function childArguments(
  command: 'proxy' | 'backend',
  {
    loaded,
    flags,
    linkPort,
  }: { readonly loaded: LoadedSettings; readonly flags: readonly GivenFlag[]; readonly linkPort?: number },
): string[] {
  const keys = [...new Set(flags.map(({ key }) => key))].filter((key) => !shared.includes(key));
  const given = keys.flatMap((key) => textsFor(key, flags).map((text) => `${key}=${text}`));
  const pinned = shared.map((key) => {
    const isOwn = key === 'backend.port' && linkPort !== undefined;
    return `${key}=${isOwn ? linkPort : settingText(loaded.settings, key)}`;
  });
  return [
    command,
    ...(loaded.file === undefined ? [] : ['--settings', loaded.file]),
    ...[...given, ...pinned].flatMap((setting) => ['--set', setting]),
  ];
}

/** A list that grew by a short flag given several times is one list again. */
function textsFor(key: string, flags: readonly GivenFlag[]): string[] {
  const given = flags.filter((each) => each.key === key);
  const isGrown = given.length > 1 && given.every(({ flag }) => flag !== '--set');
  const texts = given.map(({ text }) => text);
  return isGrown ? [JSON.stringify(texts)] : texts;
}

import { dataFolder } from '../process/folders.ts';
import { loadSettings, type SettingsSources } from './load-settings.ts';
import { SettingsError } from './settings-error.ts';

/**
 * The data folder of the Castling that is meant, for commands that ask it something. Settings with a mistake do not stand in
 * the way, since the one that runs may have been started before the mistake: then only flag and environment count.
 *
 * @throws OperatorError when a file that was named cannot be read
 */
export async function dataFolderOf(sources: SettingsSources): Promise<string> {
  try {
    return (await loadSettings(sources)).settings.data;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return dataFolder(sources.flags.findLast(({ key }) => key === 'data')?.text);
  }
}

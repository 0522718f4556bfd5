// What the primary runs for each worker: `node worker-main.ts worker`, with an IPC channel.
import { runCommand } from '../../process/run-command.ts';
import { PrimaryChannel } from './primary-channel.ts';
import { runWorker } from './worker.ts';

const channel = new PrimaryChannel();
const begin = await channel.begin;
await runCommand(() => runWorker(begin, channel));

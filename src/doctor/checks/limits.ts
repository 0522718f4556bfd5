import { availableParallelism, totalmem } from 'node:os';
import { descriptorLimit } from '../../process/descriptor-limit.ts';
import { type Check, type Finding, fault, ok, type Patient, warning } from '../check.ts';

/** What the machine gives this account. */
export interface Resources {
  /** Files and sockets of one process. */
  readonly descriptors: number;
  /** Bytes, all together, and those that a new process could have now. */
  readonly memory: number;
  readonly availableMemory: number;
  readonly cores: number;
}

/** With fewer a proxy keeps half back for itself and serves a handful of players. */
const leastDescriptors = 256;
/** Below this a club evening can come to the end of it: each player takes one, and one more while a page loads. */
const usualDescriptors = 4_096;

/** What each process has when it is up, measured, with a part for players; bytes. */
const mebibyte = 1_048_576;
const memoryOf = { supervisor: 60, primary: 75, worker: 170, backend: 100 } as const;

/** Whether descriptors and memory suffice for what the settings ask for. */
export function limitsCheck(resources: () => Resources = machineResources): Check {
  return {
    name: 'limits',
    run: (patient) => {
      const found = resources();
      return [descriptors(found), memory(found, patient)];
    },
  };
}

function machineResources(): Resources {
  const constrained = process.constrainedMemory();
  return {
    descriptors: descriptorLimit(),
    // 0 and enormous numbers stand for no limit.
    memory: constrained > 0 ? Math.min(constrained, totalmem()) : totalmem(),
    availableMemory: process.availableMemory(),
    cores: availableParallelism(),
  };
}

function descriptors({ descriptors: limit }: Resources): Finding {
  const says = `Each process may have ${Number.isFinite(limit) ? limit : 'any number of'} files and sockets open`;
  const remedy = `Raise the limit to ${usualDescriptors} or more, by LimitNOFILE= of the service or \`ulimit -n\` of the shell, and start again.`;
  if (limit < leastDescriptors) return fault(`${says}, too few to serve players.`, remedy);
  if (limit < usualDescriptors) return warning(`${says}, few for more than ${limit / 4} players.`, remedy);
  return ok(`${says}.`);
}

function memory({ memory: all, availableMemory, cores }: Resources, { settings, running }: Patient): Finding {
  const workers = settings.proxy.workers === 'auto' ? cores : settings.proxy.workers;
  const { count } = settings.backend;
  const needed =
    (memoryOf.supervisor + memoryOf.primary + workers * memoryOf.worker + count * memoryOf.backend) *
    mebibyte;
  const what = `${workers === 1 ? '1 worker' : `${workers} workers`} and ${count === 1 ? '1 backend' : `${count} backends`} take about ${mib(needed)} MiB`;
  const remedy = 'Give proxy.workers or backend.count a lower number, or the machine more memory.';
  if (needed > all) return fault(`${what}, and there are ${mib(all)} MiB in all.`, remedy);
  if (running.state !== 'running' && needed > availableMemory)
    return warning(`${what}, and ${mib(availableMemory)} MiB are free now.`, remedy);
  return ok(`${what} of ${mib(all)} MiB.`);
}

function mib(bytes: number): number {
  return Math.round(bytes / mebibyte);
}

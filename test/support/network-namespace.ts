/** Networks of a test's own: what is dropped or made narrow in one, nobody else feels. */
import { execFile, execFileSync } from 'node:child_process';

/**
 * Runs a program of this folder as root of a network namespace of its own (network_namespaces(7)), whose only interface is a
 * loopback, and gives the JSON that it prints last.
 */
export function runInNamespace<Result>(program: string, args: readonly string[] = []): Promise<Result> {
  const path = new URL(program, import.meta.url).pathname;
  const command = ['--net', '--map-root-user', process.execPath, '--expose-gc', path, ...args];
  return new Promise((resolve, reject) => {
    execFile('unshare', command, { timeout: 110_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Result);
      else reject(new Error(`${program} failed in its namespace: ${error.message}\n${stderr}`));
    });
  });
}

/** To be called inside: addresses of 127.0.0.0/8 begin to work. */
export function raiseLoopback(): void {
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
}

/**
 * The kernel keeps so many bytes at most for a connection, in each direction; else it takes megabytes before anybody has to wait.
 * Packets become as small as a real network's: a loopback's, of 64 KiB, would wait for room that never comes.
 */
export function narrowSockets(bytes: number): void {
  execFileSync('ip', ['link', 'set', 'lo', 'mtu', '1500']);
  for (const name of ['net.ipv4.tcp_wmem', 'net.ipv4.tcp_rmem']) {
    execFileSync('sysctl', ['-q', '-w', `${name}=4096 ${bytes} ${bytes}`]);
  }
}

/** From now on no packet from or to this TCP port arrives, and nobody is told (no RST, no FIN). */
export function dropPackets(port: number): void {
  const rules = [
    'table inet castling_test {',
    '  chain input {',
    '    type filter hook input priority 0; policy accept;',
    `    tcp sport ${port} drop`,
    `    tcp dport ${port} drop`,
    '  }',
    '}',
  ];
  execFileSync('nft', ['-f', '-'], { input: rules.join('\n') });
}

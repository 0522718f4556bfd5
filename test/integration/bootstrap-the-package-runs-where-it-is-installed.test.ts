import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cloneRepository, newcomerEnvironment, repository, run } from '../support/bootstrap-clone.ts';
import { freePorts } from '../support/free-ports.ts';

describe('G7 the published package', () => {
  it('holds the program and nothing else, and runs where it is installed', async () => {
    // Packed from a copy, since packing builds, and another test may use what was built here.
    using clone = cloneRepository();
    symlinkSync(join(repository, 'node_modules'), join(clone.folder, 'node_modules'));
    const { home } = clone;
    const project = join(home, 'project');
    const env = { ...newcomerEnvironment(home), NO_UPDATE_NOTIFIER: '1' };

    const packed = run('npm', ['pack', '--json', '--pack-destination', home], {
      cwd: clone.folder,
      env: process.env,
    });
    expect(await packed.ended, packed.output()).toBe(0);
    const archive = readdirSync(home).find((file) => file.endsWith('.tgz'));
    const listed = run('tar', ['-tzf', join(home, archive ?? '')]);
    await listed.ended;
    const files = listed.output().trim().split('\n');
    expect(files).toContain('package/dist/main.js');
    const expected =
      /^package\/(docs\/(castling\.schema\.json|castling\.example\.yaml|settings\.md|monitoring\/(grafana-dashboard\.json|alerts\.yaml))|dist\/.*\.(js|json|txt|css|html|svg)|scripts\/(castling|pinned-node|run-child)\.js|package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md)$/;
    expect(files.filter((file) => !expected.test(file))).toEqual([]);

    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{"private":true}');
    const install = run(
      'npm',
      ['install', '--ignore-scripts', '--loglevel=error', join(home, archive ?? '')],
      {
        cwd: project,
        env: { ...process.env, PATH: process.env.PATH },
      },
    );
    expect(await install.ended, install.output()).toBe(0);

    const bin = join(project, 'node_modules', '.bin', 'castling');
    const version = run(process.execPath, [bin, '--version'], { cwd: project, env });
    expect(await version.ended, version.output()).toBe(0);

    const [port, linkPort, adminPort] = await freePorts(3);
    const flags = ['--port', port, '--link-port', linkPort, '--admin-port', adminPort].map(String);
    const started = run(process.execPath, [bin, 'start', ...flags], { cwd: project, env });
    await started.until(/^Castling is ready at .*\n.*\n.*\n/m);
    expect(started.output()).toContain('  register:  castling register NAME');
    started.signal('SIGTERM');
    expect(await started.ended).toBe(0);
    // Outside of a clone, data and certificates lie among the account's application data.
    const data = join(home, '.local', 'share', 'castling');
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(readdirSync(data)).toContain('certs');
  });
});

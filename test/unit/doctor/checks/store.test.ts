import { chmodSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storeCheck } from '../../../../src/doctor/checks/store.ts';
import { openStore } from '../../../../src/store/index.ts';
import { type DoctorPatient, makePatient, said } from '../../../support/doctor-patient.ts';

let patient: DoctorPatient;
let path: string;
beforeEach(async () => {
  patient = await makePatient();
  path = patient.settings.auth.store.slice('sqlite:'.length);
});
afterEach(() => patient[Symbol.dispose]());

const look = async () => said(await storeCheck('accounts').run(patient));

describe('the doctor’s look at a database', () => {
  it('finds one whole, while Castling has it open and afterwards', async () => {
    const store = await openStore({ url: patient.settings.auth.store, migrations: {} });
    expect(await look()).toEqual([expect.stringMatching(/^ok: .* is whole, private and synced/)]);
    await store.close();
    expect(await look()).toEqual([expect.stringMatching(/^ok: /)]);
  });

  it('says that one is not there yet, and makes none', async () => {
    expect(await look()).toEqual([`note: ${path} is not there yet; the first start makes it.`]);
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });

  it('knows what is no database', async () => {
    writeFileSync(path, 'no database at all. '.repeat(400), { mode: 0o600 });
    expect(await look()).toEqual([expect.stringMatching(/^fault: The file is not a SQLite database/)]);
  });

  it('finds a damaged page, and says to restore a backup', async () => {
    const database = new DatabaseSync(path);
    chmodSync(path, 0o600);
    database.exec('pragma journal_mode = wal; create table t (a text, b text); create index i on t (a)');
    database.exec('begin');
    const insert = database.prepare('insert into t values (?, ?)');
    for (let row = 0; row < 400; row += 1) insert.run(`key ${row}`, 'x'.repeat(100));
    database.exec('commit');
    database.close();
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(3_000, 0x5a), 0, 3_000, 5 * 4_096 + 500);
    const findings = await storeCheck('accounts').run(patient);
    expect(findings[0]).toMatchObject({ mark: 'fault', says: expect.stringContaining('damaged') });
    expect(findings[0]?.remedy).toContain('restore a backup');
  });

  it('minds other readers, and a database without a write-ahead log', async () => {
    new DatabaseSync(path).exec('create table t (a)');
    chmodSync(path, 0o644);
    expect(await look()).toEqual([
      `fault: Other accounts may read ${path}, and Castling does not start with it.`,
      `warning: ${path} has no write-ahead log yet.`,
    ]);
  });

  it('says that it cannot look at a database server', async () => {
    const settings = {
      ...patient.settings,
      auth: { ...patient.settings.auth, store: 'postgres://db/castling' },
    };
    expect(said(await storeCheck('accounts').run({ ...patient, settings }))).toEqual([
      'note: Only databases in a SQLite file can be looked at.',
    ]);
  });
});

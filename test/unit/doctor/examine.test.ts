import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Diagnosis, examine } from '../../../src/doctor/examine.ts';
import { findingText, summaryText } from '../../../src/doctor/finding-text.ts';
import { makePatient } from '../../support/doctor-patient.ts';

async function examined(folder: string): Promise<Diagnosis[]> {
  const env = { CASTLING_DATA: join(folder, 'data'), CASTLING_CERTS: join(folder, 'certs') };
  const sources = { flags: [], env, cwd: folder };
  const findings: Diagnosis[] = [];
  const about = { sources, production: false, depth: 'quick', clockFrom: undefined } as const;
  for await (const finding of examine(about)) findings.push(finding);
  return findings;
}

describe('an examination', () => {
  it('tells every mistake of the settings, and looks at nothing that depends on them', async () => {
    using patient = await makePatient();
    writeFileSync(join(patient.folder, 'castling.yaml'), 'proxy: { prot: 1, adminPort: 99999 }\n');
    const findings = await examined(patient.folder);
    expect([...new Set(findings.map(({ check }) => check))]).toEqual(['versions', 'settings']);
    const wrong = findings.find(({ mark, check }) => check === 'settings' && mark === 'fault');
    expect(wrong?.says).toMatch(/2 mistakes[\s\S]*did you mean proxy\.port\?[\s\S]*adminPort/);
  });

  it('goes on when one look fails itself', async () => {
    using patient = await makePatient();
    mkdirSync(join(patient.folder, 'certs'));
    // A folder where a file is expected: reading it is an error that no check foresees.
    mkdirSync(join(patient.folder, 'certs', 'proxy.pem'));
    const findings = await examined(patient.folder);
    expect(findings.find(({ check }) => check === 'certificates')).toMatchObject({
      mark: 'fault',
      says: expect.stringContaining('could not be looked at'),
    });
    expect(findings.some(({ check }) => check === 'ports')).toBe(true);
  });
});

describe('how a finding reads', () => {
  it('is a mark, a sentence and what to do, without what a terminal would obey', () => {
    const text = findingText({ check: 'ports', mark: 'fault', says: 'Taken\u001b[2J.', remedy: 'Stop it.' });
    expect(text).toMatch(/^✗ ports +Taken.*\.\n +→ Stop it\.$/);
    expect(text).not.toContain('\u001b');
  });

  it('ends with how much there is to do', () => {
    const of = (mark: Diagnosis['mark']) => ({ check: 'x', mark, says: '' });
    expect(summaryText([of('ok'), of('note')])).toBe('All is well.');
    expect(summaryText([of('fault'), of('warning'), of('warning')])).toBe(
      '1 thing is wrong, and 2 will not last.',
    );
  });
});

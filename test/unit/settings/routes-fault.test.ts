import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../../src/settings/load-settings.ts';

interface Wish {
  readonly name?: string;
  readonly to?: readonly string[];
  readonly more?: string;
}

async function faultOf(...wishes: readonly Wish[]): Promise<string | undefined> {
  const routes = wishes.map(
    ({ name = 'chess', to = ['10.0.0.9:5050'], more = '' }) =>
      `{kind: tcp, name: ${name}, upstreams: [${to.map((address) => `{address: "${address}"}`).join(', ')}]${more}}`,
  );
  const flags = [
    { key: 'routes', text: `[${routes.join(', ')}]`, flag: '--set' },
    { key: 'backend.port', text: '7878', flag: '--set' },
    { key: 'backend.count', text: '3', flag: '--set' },
  ];
  try {
    await loadSettings({ flags, env: { CASTLING_DATA: '/nowhere' }, cwd: '/nowhere' });
    return undefined;
  } catch (error) {
    const { problems } = error as { problems?: { key: string; message: string }[] };
    if (problems === undefined) throw error;
    expect(problems.map(({ key }) => key)).toEqual(['routes']);
    return problems[0]?.message;
  }
}

describe('the routes of a settings file', () => {
  it.each<[string, readonly Wish[]]>([
    ['one route', [{}]],
    ['two routes', [{}, { name: 'go' }]],
    ['listed accounts', [{ more: ', allow: listed, accounts: [ada]' }]],
    ['another program on this machine', [{ to: ['127.0.0.1:5050', 'localhost:5051'] }]],
    ['the same port on another machine', [{ to: ['10.0.0.9:9464', 'games.example:8443'] }]],
    ['the port after the last backend', [{ to: ['127.0.0.1:7881'] }]],
  ])('may be %s', async (_, wishes) => {
    expect(await faultOf(...wishes)).toBeUndefined();
  });

  it.each<[string, readonly Wish[]]>([
    ['two routes are called chess', [{}, {}]],
    ['lists 10.0.0.9:1 twice', [{ to: ['10.0.0.9:1', '10.0.0.9:1'] }]],
    ['has no upstreams', [{ to: [] }]],
    ['needs both allow: listed and its accounts', [{ more: ', allow: listed' }]],
    ['needs both allow: listed and its accounts', [{ more: ', accounts: [ada]' }]],
    // A filter for game would fit it, and players would have the pseudonyms there that game backends know.
    ['game is a route of Castling itself', [{ name: 'game' }]],
    ['the operator’s port', [{ to: ['127.0.0.1:9464'] }]],
    ['the operator’s port', [{ to: ['localhost:9464'] }]],
    ['the operator’s port', [{ to: ['[::1]:9464'] }]],
    ['the operator’s port', [{ to: ['127.9.9.9:9464'] }]],
    ['the operator’s port', [{ to: ['0.0.0.0:9464'] }]],
    ['the players’ port', [{ to: ['127.0.0.1:8443'] }]],
    ['the game backend', [{ to: ['127.0.0.1:7878'] }]],
    ['the game backend', [{ to: ['LOCALHOST:7880'] }]],
  ])('are refused when %s', async (message, wishes) => {
    expect(await faultOf(...wishes)).toContain(message);
  });
});

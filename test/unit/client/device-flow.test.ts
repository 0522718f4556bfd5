import { describe, expect, it } from 'vitest';
import { AccountHttp } from '../../../src/client/account-http.ts';
import { DeviceFlow } from '../../../src/client/device-flow.ts';

const started = {
  device_code: 'cdc_x',
  user_code: 'WDJB-MJHT',
  verification_uri: 'https://test/#/device',
  verification_uri_complete: 'https://test/#/device/WDJB-MJHT',
  expires_in: 600,
  interval: 5,
};
const granted = {
  player: 'p_1',
  name: 'ada',
  session: 's_1',
  token_type: 'Bearer',
  access_token: 'a',
  expires_in: 600,
  refresh_token: 'crt_x',
  refresh_expires_in: 9,
};
const problem =
  (code: string, status = 400) =>
  () =>
    Response.json({ code, title: 'No.' }, { status });

/** A server that gives these answers in turn, and a clock that runs when somebody waits. */
function flow(...answers: (() => Response)[]) {
  const waits: number[] = [];
  const bodies: Record<string, unknown>[] = [];
  let now = 0;
  const fetch = async (_: string, init: RequestInit) => {
    bodies.push(JSON.parse(String(init.body)));
    const answer = answers.shift();
    if (answer === undefined) throw new TypeError('fetch failed');
    return answer();
  };
  const timers = {
    now: () => now,
    after: (ms: number, callback: () => void) => {
      waits.push(ms / 1000);
      now += ms;
      queueMicrotask(callback);
      return () => {};
    },
  };
  const http = new AccountHttp({ origin: 'https://test', fetch });
  return { flow: new DeviceFlow({ http, origin: 'https://test' }), waits, bodies, timers };
}

describe('a terminal that waits to be let in', () => {
  it('asks at the pace it was given, more slowly when told so, and gets its grant', async () => {
    const {
      flow: device,
      waits,
      bodies,
      timers,
    } = flow(
      () => Response.json(started),
      problem('authorization_pending'),
      problem('slow_down'),
      problem('authorization_pending'),
      () => Response.json(granted),
    );
    const begun = await device.begin('terminal');
    expect(begun).toMatchObject({ userCode: 'WDJB-MJHT', pageWithCode: started.verification_uri_complete });
    const grant = await device.wait(begun, { deviceToken: 'cdt_x', timers });
    expect(grant).toMatchObject({ name: 'ada', refreshToken: 'crt_x' });
    expect(waits).toEqual([5, 5, 10, 10]);
    expect(bodies.at(-1)).toEqual({ device_code: 'cdc_x', device_token: 'cdt_x' });
  });

  it('comes through a server that is away or overloaded for a moment', async () => {
    const {
      flow: device,
      waits,
      timers,
    } = flow(
      () => Response.json(started),
      problem('store_unavailable', 503),
      () => {
        throw new TypeError('fetch failed');
      },
      problem('authorization_pending'),
      () => Response.json(granted),
    );
    expect(await device.wait(await device.begin('terminal'), { timers })).toMatchObject({ name: 'ada' });
    expect(waits).toEqual([5, 10, 20, 20]);
  });

  it.each(['access_denied', 'expired_token'])('gives up at %s', async (code) => {
    const { flow: device, waits, timers } = flow(() => Response.json(started), problem(code));
    const begun = await device.begin('terminal');
    await expect(device.wait(begun, { timers })).rejects.toMatchObject({ refusal: { code } });
    expect(waits).toEqual([5]);
  });

  it('does not wait beyond its time, though nobody answers', async () => {
    const { flow: device, waits, timers } = flow(() => Response.json(started));
    const begun = await device.begin('terminal');
    await expect(device.wait(begun, { timers })).rejects.toMatchObject({ code: 'unreachable' });
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(700);
    expect(Math.max(...waits)).toBe(60);
  });

  it.each([
    { ...started, verification_uri_complete: 'https://evil.example/#/device/WDJB-MJHT' },
    { ...started, verification_uri: 'javascript:alert(1)' },
    { ...started, device_code: 7 },
  ])('sends nobody to another server: %j', async (answer) => {
    const { flow: device } = flow(() => Response.json(answer));
    await expect(device.begin('terminal')).rejects.toMatchObject({ code: 'protocol' });
  });
});

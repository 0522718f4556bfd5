import { type AccountHttp, alien, type Binding } from './account-http.ts';
import { type Grant, readGrant } from './auth-client.ts';
import { ClientError, isRefusal } from './client-error.ts';
import { systemTimers, type Timers } from './timers.ts';

/** What a terminal shows while it waits to be let in (RFC 8628 section 3.2). */
export interface DeviceFlowStart {
  /** For this program alone. */
  readonly deviceCode: string;
  readonly userCode: string;
  /** A page of the same server. */
  readonly page: string;
  /** The same with the code. */
  readonly pageWithCode: string;
  /** Seconds. */
  readonly expiresIn: number;
  /** Seconds between two questions. */
  readonly interval: number;
}

export interface WaitOptions extends Binding {
  /** Sent with each question, if this device has signed in before. */
  readonly deviceToken?: string | undefined;
  readonly timers?: Timers;
}

/** Longer than this, seconds, a terminal does not sleep between two questions, whatever it was told. */
const intervalMost = 60;

/** Signs a program in by a browser. Throws what AccountHttp throws. */
export class DeviceFlow {
  readonly #http: AccountHttp;
  readonly #origin: string;

  constructor({ http, origin }: { readonly http: AccountHttp; readonly origin: string }) {
    this.#http = http;
    this.#origin = origin;
  }

  /** @throws ClientError `protocol` when the page is not one of the server that was asked: nobody is sent elsewhere from here */
  async begin(device: string): Promise<DeviceFlowStart> {
    const answer = (await this.#http.post('/auth/device', { body: { device } })) ?? {};
    const { device_code, user_code, verification_uri, verification_uri_complete } = answer;
    const { expires_in, interval } = answer;
    if (
      typeof device_code !== 'string' ||
      typeof user_code !== 'string' ||
      typeof expires_in !== 'number' ||
      typeof interval !== 'number' ||
      !this.#isOwn(verification_uri) ||
      !this.#isOwn(verification_uri_complete)
    ) {
      throw alien();
    }
    return {
      deviceCode: device_code,
      userCode: user_code,
      page: verification_uri,
      pageWithCode: verification_uri_complete,
      expiresIn: expires_in,
      interval,
    };
  }

  /**
   * Asks until somebody has decided. A server that cannot be reached for a moment is asked again, more and more slowly (RFC 8628
   * section 3.5).
   *
   * @throws ClientError `refused` as `access_denied` or `expired_token`
   */
  async wait(
    { deviceCode, expiresIn, interval }: DeviceFlowStart,
    { deviceToken, timers = systemTimers, ...binding }: WaitOptions = {},
  ): Promise<Grant> {
    const deadline = timers.now() + expiresIn * 1000;
    const known = deviceToken === undefined ? {} : { device_token: deviceToken };
    const body = { device_code: deviceCode, ...known };
    let pause = interval;
    for (;;) {
      await new Promise<void>((resolve) => timers.after(pause * 1000, resolve));
      try {
        return readGrant(await this.#http.post('/auth/device/token', { body, ...binding }));
      } catch (error) {
        if (!mayPass(error) || timers.now() >= deadline) throw error;
        pause = Math.min(intervalMost, pauseAfter(error, pause));
      }
    }
  }

  #isOwn(address: unknown): address is string {
    return typeof address === 'string' && URL.parse(address)?.origin === this.#origin;
  }
}

function mayPass(error: unknown): boolean {
  if (!(error instanceof ClientError)) return false;
  const { code, httpStatus = 0 } = error;
  // A server that cannot be reached, is overloaded, or has lost its database for a moment has decided nothing.
  if (code === 'unreachable' || code === 'timed_out' || httpStatus >= 500 || httpStatus === 429) return true;
  return isRefusal(error, 'authorization_pending', 'slow_down');
}

/** Seconds. */
function pauseAfter(error: unknown, pause: number): number {
  if (isRefusal(error, 'authorization_pending')) return pause;
  if (isRefusal(error, 'slow_down')) return pause + 5;
  return pause * 2;
}

import { describe, expect, it } from 'vitest';
import { ClientError } from '../../../../src/client/client-error.ts';
import type { BrowserAuth, BrowserGrant } from '../../../../src/client/web/session/browser-auth.ts';
import { BrowserSession } from '../../../../src/client/web/session/browser-session.ts';
import type { TabListeners, Tabs } from '../../../../src/client/web/session/tabs.ts';

const noCode = async () => undefined;

/** A browser with a cookie, a lock and a channel between its tabs, and a server whose refresh tokens work once. */
class FakeBrowser {
  now = 1_000_000;
  hint = false;
  signedIn = false;
  refreshes = 0;
  /** What the server does with the next calls. */
  failure: ClientError | undefined;
  readonly #tabs: TabListeners[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #isRefreshing = false;

  openTab(): BrowserSession {
    const hint = {
      get: () => this.hint,
      set: (isSignedIn: boolean) => {
        this.hint = isSignedIn;
      },
    };
    return new BrowserSession({ auth: this.#auth(), tabs: this.#channel(), hint, now: () => this.now });
  }

  #auth(): BrowserAuth {
    const enter = async () => {
      this.signedIn = true;
      return this.#grant();
    };
    return {
      register: async () => ({ ...(await enter()), recoveryCodes: ['one', 'two'] }),
      recover: enter,
      visit: async () => {
        this.#who = { name: 'brisk-otter-417', isGuest: true };
        return await enter();
      },
      upgradeGuest: async (_token, { name }) => {
        this.#who = { name, isGuest: false };
        return { name, recoveryCodes: ['one', 'two'] };
      },
      login: enter,
      loginWithPasskey: enter,
      refresh: async () => {
        if (this.#isRefreshing) throw new Error('two tabs refresh at once: the session would end');
        this.#isRefreshing = true;
        await Promise.resolve();
        this.#isRefreshing = false;
        if (this.failure) throw this.failure;
        if (!this.signedIn) throw refused(401, 'refresh_token_invalid');
        this.refreshes += 1;
        return this.#grant();
      },
      logout: async () => {
        if (this.failure) throw this.failure;
        this.signedIn = false;
      },
    };
  }

  #who = { name: 'ada', isGuest: false };
  #tokens = 0;
  #grant(): BrowserGrant {
    this.#tokens += 1;
    const accessToken = `t${this.#tokens}`;
    return {
      player: 'p',
      ...this.#who,
      session: 's',
      accessToken,
      expiresIn: 600,
      recoveryCodes: [],
    };
  }

  #channel(): Tabs {
    let own: TabListeners | undefined;
    const others = () => this.#tabs.filter((each) => each !== own);
    return {
      listen: (listeners) => {
        own = listeners;
        this.#tabs.push(listeners);
      },
      tellSignedIn: (session) => {
        for (const each of others()) each.signedIn(session);
      },
      tellChanged: (session) => {
        for (const each of others()) each.changed(session);
      },
      tellSignedOut: (session) => {
        for (const each of others()) each.signedOut(session);
      },
      exclusively: (work) => {
        const turn = this.#turn.then(work, work);
        this.#turn = turn.catch(() => {});
        return turn;
      },
    };
  }
}

function refused(httpStatus: number, code: string): ClientError {
  return new ClientError('refused', code, { httpStatus, refusal: { code, reason: code } });
}

describe('a session in the browser', () => {
  it('asks nobody on a stranger’s first visit', async () => {
    const browser = new FakeBrowser();
    browser.failure = new ClientError('unreachable');
    const tab = browser.openTab();
    await tab.restore();
    expect(tab.state.value).toEqual({ phase: 'signed-out' });
  });

  it('signs in all tabs, each by a token of its own', async () => {
    const browser = new FakeBrowser();
    const [one, two] = [browser.openTab(), browser.openTab()];
    await one.login({ name: 'ada', password: 'x' }, noCode);
    expect(await two.accessToken()).toMatchObject({ token: 't2' });
    expect(two.state.value).toMatchObject({ phase: 'signed-in', name: 'ada' });
    const three = browser.openTab();
    await three.restore();
    expect(three.state.value.phase).toBe('signed-in');
    expect(await three.accessToken()).toMatchObject({ token: 't3' });
    expect(await one.accessToken()).toMatchObject({ token: 't1' });
  });

  it('keeps the recovery codes until they are kept, in the tab that registered', async () => {
    const browser = new FakeBrowser();
    const [one, two] = [browser.openTab(), browser.openTab()];
    await one.register({ name: 'ada', password: 'x' });
    expect([one, two].map((tab) => tab.recoveryCodes.value)).toEqual([['one', 'two'], []]);
    one.recoveryCodesKept();
    expect(one.recoveryCodes.value).toEqual([]);
  });

  it('refreshes one tab after the other, and each once however many ask there', async () => {
    const browser = new FakeBrowser();
    browser.signedIn = true;
    browser.hint = true;
    const tabs = Array.from({ length: 8 }, () => browser.openTab());
    await Promise.all(tabs.map((tab) => tab.restore()));
    expect(browser.refreshes).toBe(8);
    browser.now += 590_000;
    const tokens = await Promise.all(tabs.flatMap((tab) => [tab.accessToken(), tab.accessToken()]));
    expect(browser.refreshes).toBe(16);
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(8);
  });

  it('gets another token for one that the server refused, and only one', async () => {
    const browser = new FakeBrowser();
    const tab = browser.openTab();
    await tab.login({ name: 'ada', password: 'x' }, noCode);
    const answers = await Promise.all([1, 2].map(() => tab.accessToken({ rejected: 't1' })));
    expect(answers.map(({ token }) => token)).toEqual(['t2', 't2']);
    expect(browser.refreshes).toBe(1);
  });

  it('ends when the server says that it has ended, and is not lost when the server is away', async () => {
    const browser = new FakeBrowser();
    browser.signedIn = true;
    browser.hint = true;
    browser.failure = new ClientError('unreachable');
    const tab = browser.openTab();
    await tab.restore();
    expect(tab.state.value).toMatchObject({ phase: 'unknown', error: { code: 'unreachable' } });
    browser.failure = undefined;
    await tab.restore();
    expect(tab.state.value.phase).toBe('signed-in');
    browser.signedIn = false;
    browser.now += 600_000;
    await expect(tab.accessToken()).rejects.toMatchObject({ code: 'signed_out' });
    expect(tab.state.value).toEqual({ phase: 'signed-out', ended: 'session_ended' });
    expect(browser.hint).toBe(false);
  });

  it('signs out everywhere, but not while the server cannot be told', async () => {
    const browser = new FakeBrowser();
    const [one, two] = [browser.openTab(), browser.openTab()];
    await one.login({ name: 'ada', password: 'x' }, noCode);
    await two.accessToken();
    browser.failure = new ClientError('unreachable');
    await expect(two.signOut()).rejects.toMatchObject({ code: 'unreachable' });
    expect(two.state.value.phase).toBe('signed-in');
    browser.failure = undefined;
    await two.signOut();
    expect([one, two].map(({ state }) => state.value)).toEqual([
      { phase: 'signed-out' },
      { phase: 'signed-out' },
    ]);
    expect(browser.signedIn).toBe(false);
  });
});

describe('a guest in the browser', () => {
  it('becomes an account in every tab, in the same session, with codes to keep in the one that asked', async () => {
    const browser = new FakeBrowser();
    const [one, two] = [browser.openTab(), browser.openTab()];
    await one.visit();
    await two.accessToken();
    expect(two.state.value).toMatchObject({ name: 'brisk-otter-417', isGuest: true });
    await one.upgradeGuest({ name: 'ada', password: 'correct horse' });
    expect(one.state.value).toMatchObject({ name: 'ada', isGuest: false });
    await two.accessToken();
    for (const tab of [one, two]) {
      expect(tab.state.value).toMatchObject({
        phase: 'signed-in',
        name: 'ada',
        session: 's',
        isGuest: false,
      });
    }
    expect([one.recoveryCodes.value, two.recoveryCodes.value]).toEqual([['one', 'two'], []]);
  });
});

/** The page that a browser is led through to be signed in at a route. Most people see it for a blink, without a word in it. */

export interface EnterPageOptions {
  readonly route: string;
  /** Where the form goes. */
  readonly action: string;
  /** Where the browser was going. */
  readonly to: string;
  /** The request's `Accept-Language`. */
  readonly languages: string | undefined;
}

export const enterScriptPath = '/routes/enter.js';

const words = {
  en: {
    signedOut: 'Sign in first. When you come back to this page, it goes on by itself.',
    signIn: 'Sign in',
    refused: 'Your account may not come in here.',
    failed: 'That did not work. Reload the page in a moment.',
    back: 'Back to the lobby',
  },
  de: {
    signedOut: 'Melde dich zuerst an. Wenn du auf diese Seite zurückkehrst, geht es von selbst weiter.',
    signIn: 'Anmelden',
    refused: 'Dein Konto hat hier keinen Zutritt.',
    failed: 'Das hat nicht geklappt. Lade die Seite gleich noch einmal.',
    back: 'Zurück zur Lobby',
  },
} as const;

export function enterPage({ route, action, to, languages }: EnterPageOptions): string {
  const language = /^\s*de\b/i.test(languages ?? '') ? 'de' : 'en';
  const { signedOut, signIn, refused, failed, back } = words[language];
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Castling</title>
<body data-route="${escaped(route)}">
<form method="post" action="${escaped(action)}">
<input type="hidden" name="entry"><input type="hidden" name="to" value="${escaped(to)}">
</form>
<main aria-live="polite">
<p data-when="signed-out" hidden>${signedOut} <a href="/" target="_blank" rel="noopener">${signIn}</a></p>
<p data-when="refused" hidden>${refused} <a href="/">${back}</a></p>
<p data-when="failed" hidden>${failed} <a href="/">${back}</a></p>
</main>
<script src="${enterScriptPath}"></script>
</html>
`;
}

/** What the page may do: run its script, talk to this server, and send its form. */
export function enterPagePolicy(action: string): string {
  const target = action.startsWith('/') ? "'self'" : new URL(action).origin;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    `form-action ${target}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** Takes turns with the tabs of Castling's own page by the lock that they use: a refresh token is good for one use. */
export const enterScript = `'use strict';
const form = document.forms[0];
const show = (state) => {
  for (const part of document.querySelectorAll('[data-when]')) part.hidden = part.dataset.when !== state;
};
const refresh = () =>
  fetch('/auth/refresh', {
    method: 'POST',
    headers: { 'castling-client': 'browser', 'content-type': 'application/json' },
    body: '{}',
  });
const enter = async () => {
  const refreshed = await navigator.locks.request('castling.session', refresh);
  if (refreshed.status === 401) return show('signed-out');
  if (!refreshed.ok) return show('failed');
  const { access_token: token } = await refreshed.json();
  const entered = await fetch('/routes/' + document.body.dataset.route + '/entry', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + token },
  });
  if (!entered.ok) return show(entered.status === 403 ? 'refused' : 'failed');
  form.elements.entry.value = (await entered.json()).entry;
  form.submit();
};
const tryToEnter = () => enter().catch(() => show('failed'));
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') tryToEnter();
});
tryToEnter();
`;

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

import { render } from 'preact';
import { App } from './app.tsx';
import { browserAuth } from './session/browser-auth.ts';
import { BrowserSession } from './session/browser-session.ts';
import { storedHint } from './session/sign-in-hint.ts';
import { browserTabs } from './session/tabs.ts';
import { chooseWords } from './words/choose-words.ts';
import { WordsContext } from './words/use-words.ts';
import './styles/index.css';

const words = chooseWords(navigator.languages);
document.documentElement.lang = words.language;

const session = new BrowserSession({ auth: browserAuth, tabs: browserTabs(), hint: storedHint });
void session.restore();

const page = document.querySelector('#page');
if (page) {
  page.replaceChildren();
  render(
    <WordsContext.Provider value={words}>
      <App session={session} />
    </WordsContext.Provider>,
    page,
  );
}

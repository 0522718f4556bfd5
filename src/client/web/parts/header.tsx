import type { JSX } from 'preact';
import { formatRoute } from '../routing/route.ts';
import { useWords } from '../words/use-words.ts';
import { Alert } from './alert.tsx';
import { Logo } from './logo.tsx';

export interface HeaderProps {
  /** Whoever is signed in. */
  readonly name: string | undefined;
  readonly isGuest: boolean;
  readonly problem: string;
  onSignOut(): void;
  /** A guest wants to keep what was played. */
  onKeep(): void;
}

export function Header({ name, isGuest, problem, onSignOut, onKeep }: HeaderProps): JSX.Element {
  const { shell, product } = useWords();
  return (
    <header class="top">
      <a class="brand" href={formatRoute({ at: 'lobby' })} aria-label={shell.home}>
        <Logo />
        <span>{product}</span>
      </a>
      {name !== undefined && (
        <div class="who">
          <a class="who-name" href={formatRoute({ at: 'account' })}>
            <span class="unseen">{shell.account}: </span>
            <bdi>{name}</bdi>
            {isGuest && ` ${shell.guest}`}
          </a>
          {isGuest && (
            <button type="button" class="quiet" onClick={onKeep}>
              {shell.keep}
            </button>
          )}
          <button type="button" class="quiet" onClick={onSignOut}>
            {shell.signOut}
          </button>
        </div>
      )}
      <Alert>{problem}</Alert>
    </header>
  );
}

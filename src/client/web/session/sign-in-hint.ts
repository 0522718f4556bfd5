/**
 * Remembers that this browser was signed in, so that the first page of a stranger shows its form at once instead of asking
 * the server about a cookie that is not there. It is no secret and no proof: the cookie alone is.
 */
export interface SignInHint {
  get(): boolean;
  set(isSignedIn: boolean): void;
}

const key = 'castling.signed-in';

export const storedHint: SignInHint = {
  get() {
    try {
      return localStorage.getItem(key) !== null;
    } catch {
      // Storage may be forbidden; then the cookie is asked every time.
      return true;
    }
  },
  set(isSignedIn) {
    try {
      if (isSignedIn) localStorage.setItem(key, '1');
      else localStorage.removeItem(key);
    } catch {
      // See above.
    }
  },
};

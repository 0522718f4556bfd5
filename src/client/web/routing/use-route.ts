import { useEffect, useState } from 'preact/hooks';
import { formatRoute, parseRoute, type Route } from './route.ts';

/** Where the person is, following links and the back button. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const follow = () => setRoute(parseRoute(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}

export function goTo(route: Route): void {
  location.hash = formatRoute(route);
}

/** Changes the address without a new entry in the history and without leaving the screen. */
export function showAddress(route: Route): void {
  history.replaceState(null, '', formatRoute(route));
}

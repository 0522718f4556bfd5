/** The page at `/`: how to play, for somebody who has only a browser open. No script, no style, nothing to load. */
export function homePage(origin: string): string {
  const url = printableOrigin(origin);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Castling</title>
<h1>Castling</h1>
<p>This server hosts turn-based games. You play them from a terminal.</p>
<ol>
<li>Get the program: clone the repository and run <code>npm ci</code> in it. It needs Node 20 or newer.</li>
<li>Make an account: <code>npx castling register YOUR-NAME --url ${url}</code></li>
<li>Find an opponent: <code>npx castling play tic-tac-toe --url ${url}</code></li>
</ol>
<p>To play with a friend, add <code>--create</code> and tell them the code that it prints; they add
<code>--join CODE</code>. To see how others play: <code>npx castling matches --live --url ${url}</code></p>
</html>
`;
}

/** The origin comes from the Host header, which a stranger writes. */
function printableOrigin(text: string): string {
  return text.replaceAll(/[^\w.:/[\]-]/g, '');
}

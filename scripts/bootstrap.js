// What `npm start` and `npm test` run first, with whatever Node the machine has. This file keeps to old syntax and
// imports nothing at the top, so that a Node that is too old can still say so; the rest is loaded afterwards.
var LEAST_TO_INSTALL = 20;

if (parseInt(process.versions.node, 10) < LEAST_TO_INSTALL) {
  process.stderr.write(
    'castling: this is Node ' +
      process.versions.node +
      ', and installing needs Node ' +
      LEAST_TO_INSTALL +
      ' or newer; install one (nodejs.org, or your package manager) and run the same command again.\n',
  );
  process.exitCode = 78;
} else {
  void import('./bootstrap/main.js').then((bootstrap) =>
    bootstrap.main(process.argv[2], process.argv.slice(3)),
  );
}

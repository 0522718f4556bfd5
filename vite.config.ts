import { join } from 'node:path';
import { defineConfig } from 'vite';

const root = join(import.meta.dirname, 'src', 'client', 'web');

/**
 * The page in the browser: one document, assets named by their content. Nothing is inlined, since the page's content
 * policy knows neither inline scripts nor `data:` addresses.
 */
export default defineConfig({
  root,
  base: './',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: join(import.meta.dirname, 'dist', 'web'),
    emptyOutDir: true,
    target: ['chrome125', 'firefox128', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
    license: { fileName: 'licenses.txt' },
  },
});

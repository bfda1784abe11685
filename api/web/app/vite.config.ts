import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vitest/config';

const out = join(import.meta.dirname, '..', 'dist');

// The API's browsable page is served by ourselves: Swagger UI's files go beside the desktop's.
function apiDocs(): Plugin {
  return {
    name: 'api-docs',
    apply: 'build',
    closeBundle() {
      const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
      const docs = join(out, 'docs');
      mkdirSync(docs, { recursive: true });
      for (const f of ['swagger-ui.css', 'swagger-ui-bundle.js', 'LICENSE']) {
        copyFileSync(join(swagger, f), join(docs, f));
      }
      const own = join(import.meta.dirname, 'docs');
      for (const f of readdirSync(own)) copyFileSync(join(own, f), join(docs, f));
    },
  };
}

// Text that is worth it gets a .gz beside it, so that the server need not compress at each request.
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    closeBundle: {
      order: 'post',
      handler() {
        for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
          const file = join(entry.parentPath, entry.name);
          if (!entry.isFile() || !/\.(js|css|svg)$/.test(entry.name) || statSync(file).size < 2048) continue;
          writeFileSync(file + '.gz', gzipSync(readFileSync(file), { level: 9 }));
        }
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), apiDocs(), precompress()],
  build: {
    outDir: out,
    emptyOutDir: true,
    target: 'es2022',
    // A data: URL would need a wider policy, and one file more costs nothing here.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: { '/api': { target: process.env.DIALTIDE_API ?? 'http://127.0.0.1:8080', ws: true } },
  },
  test: { include: ['src/**/*.test.{ts,tsx}'], environment: 'node' },
});

/** Scripts and styles of the documentation pages, from this machine: a page that explains the API must work without the internet. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

interface Asset {
  /** Absolute. */
  file(): string;
  type: string;
}

export const ASSETS: Readonly<Record<string, Asset>> = {
  '/docs/swagger-ui.css': {
    file: () => require.resolve('@fastify/swagger-ui/static/swagger-ui.css'),
    type: 'text/css; charset=utf-8',
  },
  '/docs/swagger-ui-bundle.js': {
    file: () => require.resolve('@fastify/swagger-ui/static/swagger-ui-bundle.js'),
    type: 'text/javascript; charset=utf-8',
  },
  '/redoc/redoc.standalone.js': {
    file: () => require.resolve('redoc/bundles/redoc.standalone.js'),
    type: 'text/javascript; charset=utf-8',
  },
};

const loaded = new Map<string, Promise<Buffer>>();

/** Read once, on first use. */
export function assetBytes(path: string, asset: Asset): Promise<Buffer> {
  const bytes = loaded.get(path) ?? readFile(asset.file());
  loaded.set(path, bytes);
  return bytes;
}

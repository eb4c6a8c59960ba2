/** /openapi.json, /docs and /redoc: from this machine, for anybody, and never behind the code. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OPENAPI_DOCUMENT } from '../../packages/server/src/http/surfaces.ts';
import { verifies } from '../verifies.ts';
import { openWorld, type World } from '../world/server.ts';
import { DOCUMENT } from './document.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

test('the committed document is what the code says, and what the server serves', async () => {
  expect(DOCUMENT).toEqual(JSON.parse(JSON.stringify(OPENAPI_DOCUMENT)));
  const response = await fetch(`${world.server.url}/openapi.json`);
  expect(response.headers.get('content-type')).toContain('application/json');
  expect(await response.json()).toEqual(DOCUMENT);
  expect(DOCUMENT.openapi).toBe('3.1.0');
});

/** A page with its scripts and styles, each fetched without a token. */
async function load(path: string): Promise<{ html: string; files: Map<string, string> }> {
  const page = await fetch(world.server.url + path);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toContain('text/html');
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe-inline/);
  const html = await page.text();
  const files = new Map<string, string>();
  for (const [, target = ''] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
    expect(target).toMatch(/^\//);
    const file = await fetch(world.server.url + target);
    expect(file.status).toBe(200);
    files.set(target, await file.text());
  }
  return { html, files };
}

describe('the pages', () => {
  verifies(['agent-api/docs-swagger'], '/docs is Swagger UI on the document of this server', async () => {
    const { html, files } = await load('/docs');
    expect(html).toContain('id="swagger-ui"');
    expect(files.get('/docs/swagger-ui-bundle.js')).toContain('SwaggerUIBundle');
    expect(files.get('/docs/swagger-ui.css')).toContain('.swagger-ui');
    expect(files.get('/docs/start.js')).toContain("url: '/openapi.json'");
  });

  verifies(['agent-api/docs-redoc'], '/redoc is ReDoc on the same document', async () => {
    const { html, files } = await load('/redoc');
    expect(html).toContain('<redoc spec-url="/openapi.json">');
    expect(files.get('/redoc/redoc.standalone.js')).toContain('redoc');
  });
});

/** /openapi.json, and the two pages that show it. They hold nothing of anybody's work, so they need no token. */
import { z } from 'zod';
import { type Route, route, type Surface } from '../surface.ts';
import { ASSETS, assetBytes } from './assets.ts';

/** Both programs write styles into the page; ReDoc searches in a worker made from a blob. Nothing is loaded from elsewhere. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  'worker-src blob:',
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const page = (title: string, head: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>${head}</head>
<body>${body}</body></html>
`;

const SWAGGER_PAGE = page(
  'Claude Companion: API',
  '<link rel="stylesheet" href="/docs/swagger-ui.css">',
  '<div id="swagger-ui"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>',
);

const START_SWAGGER = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
});
`;

const REDOC_PAGE = page(
  'Claude Companion: API reference',
  '<style>body { margin: 0 }</style>',
  '<redoc spec-url="/openapi.json"></redoc><script src="/redoc/redoc.standalone.js"></script>',
);

export function docsPages(openApiDocument: unknown): Surface {
  const text = JSON.stringify(openApiDocument);
  return {
    name: 'docs',
    errorSchema: z.object({ detail: z.string() }),
    errorBody: ({ message }) => ({ detail: message }),
    routes: [
      served('/openapi.json', { type: 'application/json; charset=utf-8', content: async () => text }),
      served('/docs', { type: 'text/html; charset=utf-8', content: async () => SWAGGER_PAGE }),
      served('/docs/start.js', { type: 'text/javascript; charset=utf-8', content: async () => START_SWAGGER }),
      served('/redoc', { type: 'text/html; charset=utf-8', content: async () => REDOC_PAGE }),
      ...Object.entries(ASSETS).map(([path, asset]) =>
        served(path, {
          type: asset.type,
          content: () => assetBytes(path, asset),
          cacheControl: 'public, max-age=3600',
        }),
      ),
    ],
  };
}

interface Served {
  type: string;
  content(): Promise<string | Buffer>;
  /** @defaultValue not kept */
  cacheControl?: string;
}

const served = (path: string, { type, content, cacheControl }: Served): Route =>
  route({
    method: 'GET',
    path,
    auth: 'open',
    summary: 'Documentation',
    schema: {},
    handle: async ({ reply }) => {
      reply
        .type(type)
        .header('content-security-policy', CONTENT_SECURITY_POLICY)
        .header('referrer-policy', 'no-referrer');
      if (cacheControl !== undefined) reply.header('cache-control', cacheControl);
      return content();
    },
  });

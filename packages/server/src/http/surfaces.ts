/** Every surface of the server, and the document that describes them. Built from tables alone: no server is needed for it. */
import { invocations } from './agent-api/invocations.ts';
import { agentApi } from './agent-api/routes.ts';
import { companionApi } from './companion-api/routes.ts';
import { dashboard } from './dashboard/surface.ts';
import { openApiDocument } from './docs/openapi.ts';
import { docsPages } from './docs/pages.ts';
import { loginPages, notifierApi } from './notifier-api/routes.ts';
import type { Surface } from './surface.ts';
import { carrierApi } from './webhooks/routes.ts';

export const API_VERSION = '1.0.0';

const documented: readonly Surface[] = [
  { ...agentApi, routes: [...agentApi.routes, invocations([...agentApi.routes, ...companionApi.routes])] },
  companionApi,
  notifierApi,
  carrierApi,
];

export const OPENAPI_DOCUMENT = openApiDocument(documented, API_VERSION);

export const SURFACES: readonly Surface[] = [dashboard, loginPages, ...documented, docsPages(OPENAPI_DOCUMENT)];

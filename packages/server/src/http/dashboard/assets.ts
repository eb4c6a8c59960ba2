/** Styles and scripts of the screens. They hold nothing of anybody's work. */
import { readFile } from 'node:fs/promises';
import { type Route, route } from '../surface.ts';

const TYPES = {
  'screens.css': 'text/css; charset=utf-8',
  'live.js': 'text/javascript; charset=utf-8',
  'passkey.js': 'text/javascript; charset=utf-8',
  'sign-in.js': 'text/javascript; charset=utf-8',
} as const;

export const ASSETS: readonly Route[] = Object.entries(TYPES).map(([name, type]) => {
  let loaded: Promise<Buffer> | undefined;
  return route({
    method: 'GET',
    path: `/screens/${name}`,
    auth: 'open',
    summary: 'Part of the screens',
    schema: {},
    handle: async ({ reply }) => {
      reply.type(type).header('cache-control', 'no-cache');
      loaded ??= readFile(new URL(`./browser/${name}`, import.meta.url));
      return loaded;
    },
  });
});

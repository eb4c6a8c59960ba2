/** The frame of every screen, and the headers it goes out with. */
import type { FastifyReply } from 'fastify';
import { html, type Markup } from './html.ts';

/** Everything from this server, nothing inline: text of an agent that got into a page could still do nothing. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

export interface Page {
  title: string;
  main: Markup;
  /** Whether somebody is signed in: then the page has a way around. */
  signedIn: boolean;
  /** Where the person is, of the pages that every page leads to. */
  here?: '/asks' | '/account';
  /** Scripts of ours, by name. */
  scripts?: readonly string[];
  /** Without JavaScript: load `url` (default: the page) again after so many seconds. Not on pages with something to fill in. */
  reload?: { seconds: number; url?: string };
}

const LINKS = [
  { href: '/asks', name: 'Asks' },
  { href: '/account', name: 'Account' },
] as const;

export function renderPage({ title, main, signedIn, here, scripts = [], reload }: Page): string {
  const link = ({ href, name }: (typeof LINKS)[number]): Markup =>
    html`<li><a href="${href}"${here === href && html` aria-current="page"`}>${name}</a></li>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – Claude Companion</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/screens/screens.css">
${scripts.map((name) => html`<script src="/screens/${name}" defer></script>\n`)}${
  reload &&
  html`<noscript><meta http-equiv="refresh" content="${reload.seconds}${reload.url !== undefined && `; url=${reload.url}`}"></noscript>`
}
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header><a class="brand" href="/">Claude Companion</a>${
    signedIn && html`<nav aria-label="Screens"><ul>${LINKS.map(link)}</ul></nav>`
  }</header>
<main id="main" tabindex="-1">
${main}
</main>
</body>
</html>
`.text;
}

/** `same-origin`: with less, browsers hide from our own server which page a form came from. */
export function sendPage(reply: FastifyReply, page: Page): string {
  reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', CONTENT_SECURITY_POLICY)
    .header('referrer-policy', 'same-origin')
    .header('cross-origin-opener-policy', 'same-origin');
  return renderPage(page);
}

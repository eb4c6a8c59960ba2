/** The page at `/`: what runs here and how to reach it. It shows nothing of anybody's work, so it needs no token. */
import type { Doors } from '../doors.ts';
import { route } from '../surface.ts';
import { escapeHtml } from './html.ts';

const STYLE = `
  :root { color-scheme: light dark; --ink: #1d1b18; --paper: #fbfaf7; --soft: #6a645c; --line: #e2ddd4; --accent: #a3431f; }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #ece7df; --paper: #191714; --soft: #a59d92; --line: #37332d; --accent: #e98c66; }
  }
  * { box-sizing: border-box }
  body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, sans-serif }
  main { max-width: 42rem; margin: 0 auto; padding: 2.5rem 1.25rem }
  a { color: var(--accent) } h1 { font-size: 1.6rem; margin: 0 0 .25rem } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem }
  p { margin: .25rem 0 .75rem } .soft { color: var(--soft) }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.25rem; margin: 1rem 0 }
  dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
  pre { border: 1px solid var(--line); border-radius: .5rem; padding: .85rem 1rem; overflow-x: auto; margin: .5rem 0 1rem }
  code { font: .9rem/1.5 ui-monospace, monospace }
  .note { border-left: 3px solid var(--accent); padding: .25rem 0 .25rem .9rem; margin: 1.25rem 0 }
  @media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .6rem } }`;

export function renderStatusPage(doors: Doors): string {
  const { about, simulatedPhone, context } = doors;
  const rows: [string, string][] = [
    ['Version', about.version],
    ['Address', context.policy.publicUrl],
    ['Projects', about.projectsDir],
    ['Model', about.model],
    ['Phone', about.phone],
  ];
  const notes = simulatedPhone
    ? `<p class="note"><strong>The phone is simulated.</strong> No text leaves this machine. Read and answer its texts with
       <code>npm run companion -- phone</code>.</p>`
    : '';
  const commands = [
    '# the simulated phone: read texts, answer them',
    'npm run companion -- phone',
    '',
    '# what your agents need from you, and the answer',
    'npm run companion -- asks',
    'npm run companion -- answer <ask> allow',
    '',
    '# give an agent something to do, and watch it',
    'npm run companion -- run my-app "say hello"',
    '',
    '# everything that can be called',
    `open ${context.policy.publicUrl}/docs`,
    '',
    '# the same with curl',
    `curl -X POST ${context.policy.publicUrl}/sessions \\`,
    `  -H "Authorization: Bearer $AUTH_TOKEN" -H "Content-Type: application/json" \\`,
    `  -d '{"project": "my-app", "message": "say hello"}'`,
  ].join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Claude Companion</title><style>${STYLE}</style></head>
<body><main>
<h1>Claude Companion is running</h1>
<p class="soft">It runs your coding agents, texts you when one needs you, and carries your answer back.</p>
${notes}
<p><a href="/asks">What waits for you</a></p>
<dl>${rows.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>
<h2>How to reach it</h2>
<p>On this machine, from the directory of the server:</p>
<pre tabindex="0"><code>${escapeHtml(commands)}</code></pre>
<p class="soft">The token is in the terminal that started the server and in <code>DATA_DIR/auth-token</code>.</p>
</main></body></html>
`;
}

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export const STATUS_PAGE = route({
  method: 'GET',
  path: '/',
  auth: 'open',
  summary: 'What runs here',
  schema: {},
  handle: async ({ doors, reply }) => {
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .header('referrer-policy', 'no-referrer');
    return renderStatusPage(doors);
  },
});

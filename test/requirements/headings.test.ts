import { expect, test } from 'vitest';
import { headingsAt, headingsOf } from './headings.ts';

const DOCUMENT = `# Title
## Client
### Heartbeat
\`\`\`bash
# a comment of the shell
\`\`\`
## Server
### Heartbeat
#### Detail
## Last
`;

test('headings know the headings above them, and code is not read', () => {
  expect(headingsOf(DOCUMENT)).toEqual([
    { title: 'Title', parents: [] },
    { title: 'Client', parents: ['Title'] },
    { title: 'Heartbeat', parents: ['Title', 'Client'] },
    { title: 'Server', parents: ['Title'] },
    { title: 'Heartbeat', parents: ['Title', 'Server'] },
    { title: 'Detail', parents: ['Title', 'Server', 'Heartbeat'] },
    { title: 'Last', parents: ['Title'] },
  ]);
});

test('a place names the headings with that title below those parents', () => {
  const headings = headingsOf(DOCUMENT);
  expect(headingsAt(headings, 'Heartbeat')).toHaveLength(2);
  expect(headingsAt(headings, 'Server > Heartbeat')).toEqual([{ title: 'Heartbeat', parents: ['Title', 'Server'] }]);
  expect(headingsAt(headings, 'Server > Detail')).toHaveLength(1);
  expect(headingsAt(headings, 'Client > Detail')).toEqual([]);
  expect(headingsAt(headings, 'Heartbeat > Server')).toEqual([]);
  expect(headingsAt(headings, 'a comment of the shell')).toEqual([]);
});

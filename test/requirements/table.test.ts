import { expect, test } from 'vitest';
import { parseTable, requirementsOf } from './table.ts';

test('a table gives ids, sources and behaviors joined over their lines', () => {
  const table = requirementsOf('agent-api')`
## Create Session
sessions-create | POST /sessions creates a session,
  with a text of two lines: "a\nb | c".

## Messages > Send Message
messages | A message is sent.
`;
  expect(table).toEqual([
    {
      id: 'agent-api/sessions-create',
      document: 'agent-api',
      heading: 'Create Session',
      source: 'agent-api-server.md "Create Session"',
      behavior: 'POST /sessions creates a session, with a text of two lines: "a\\nb | c".',
    },
    {
      id: 'agent-api/messages',
      document: 'agent-api',
      heading: 'Messages > Send Message',
      source: 'agent-api-server.md "Messages > Send Message"',
      behavior: 'A message is sent.',
    },
  ]);
});

test.each([
  ['a row before any heading', 'name | behavior'],
  ['a row without a behavior', '## A\nname | '],
  ['a name that is not kebab-case', '## A\nNo_Name | behavior'],
  ['a line of no kind', '## A\nname: behavior'],
  ['a row with one space in front', '## A\n name | behavior'],
  ['a continuation under a new heading', '## A\nname | behavior\n## B\n  more'],
])('%s is refused', (_, table) => {
  expect(() => parseTable('sms-plugin', table)).toThrow(/^sms-plugin: /);
});

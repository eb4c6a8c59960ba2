import type { DocumentName } from './table.ts';

/**
 * What the documents contain and no requirement names, each with the reason. Everything else in a document must be named by a
 * requirement: the test of the tables compares them.
 */
interface WithoutRequirement {
  /** Heading → why nothing below it is required. */
  readonly headings: Readonly<Record<string, string>>;
  /** Field of a JSON example, or constant → why it is not required. */
  readonly words: Readonly<Record<string, string>>;
}

const TOOLS_OF_THE_ORIGINAL = 'the development tools of the original program';
const SAMPLE_VALUE = 'a sample value of the example, not a name of the interface';

export const WITHOUT_REQUIREMENT: Readonly<Record<DocumentName, WithoutRequirement>> = {
  'agent-api': {
    headings: {
      Installation: TOOLS_OF_THE_ORIGINAL,
      'Code Quality': TOOLS_OF_THE_ORIGINAL,
      'Extending the API': 'advice for developers; its one rule is agent-api/invocations-every-operation',
      'uv sync fails': TOOLS_OF_THE_ORIGINAL,
      License: 'the licence of the original program',
    },
    words: { file_path: SAMPLE_VALUE },
  },
  'companion-api': {
    headings: { Support: 'addresses of the original project' },
    words: {
      YOUR_TOKEN: SAMPLE_VALUE,
      'my-app': SAMPLE_VALUE,
      'another-project': SAMPLE_VALUE,
      Read: SAMPLE_VALUE,
      Write: SAMPLE_VALUE,
      Edit: SAMPLE_VALUE,
      Bash: SAMPLE_VALUE,
    },
  },
  'sms-channel': {
    headings: {
      "❌ Don't: Block webhook handler": 'the counter-example of sms-channel/pitfall-not-blocking',
      "❌ Don't: Ignore duplicates": 'the counter-example of sms-channel/dedupe-message-sid',
      References: 'links into the original program',
    },
    words: {},
  },
  'sms-plugin': {
    headings: {
      'The Big Picture': 'a drawing of what the other sections say',
      Development: TOOLS_OF_THE_ORIGINAL,
      Support: 'an address of the original project',
    },
    words: {},
  },
  'sms-server': { headings: {}, words: { BASE_URL: 'a variable of the sample code' } },
};

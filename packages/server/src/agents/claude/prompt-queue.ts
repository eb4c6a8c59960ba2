/** Prompts on their way into a process: pushed at any time, read by the SDK one after another until the queue is ended. */
import { createHash } from 'node:crypto';
import type { SDKUserMessage } from '@anthropic-ai/claude-agent-sdk';
import type { PromptImage } from '@claude-companion/protocol';

/** Commands that go on in a new transcript with an id of its own: nobody could resume the session any more. */
const LEAVES_SESSION = /^\s*\/(?:clear|reset|new)\b/i;

export class PromptQueue implements AsyncIterable<SDKUserMessage> {
  readonly #waiting: SDKUserMessage[] = [];
  #ended = false;
  #wake: (() => void) | null = null;

  push(prompt: { uuid: UserMessageUuid; text: string; images?: readonly PromptImage[] }): void {
    this.#waiting.push({
      type: 'user',
      message: { role: 'user', content: contentOf(prompt) },
      parent_tool_use_id: null,
      uuid: prompt.uuid,
      // Delivered as written, with no command carried out.
      ...(LEAVES_SESSION.test(prompt.text) && { client_composed: true }),
    });
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SDKUserMessage> {
    while (true) {
      const next = this.#waiting.shift();
      if (next) {
        yield next;
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

/** Pictures go before the words about them, as the API advises. */
function contentOf({ text, images = [] }: { text: string; images?: readonly PromptImage[] }): Content {
  if (images.length === 0) return text;
  return [
    ...images.map(({ mediaType, data }) => ({
      type: 'image' as const,
      source: { type: 'base64' as const, media_type: mediaType, data },
    })),
    { type: 'text' as const, text },
  ];
}

type Content = SDKUserMessage['message']['content'];
export type UserMessageUuid = NonNullable<SDKUserMessage['uuid']>;

/**
 * The uuid under which a prompt is in the transcript: the prompt id itself when it is a UUID, else one made from it, always
 * the same. The CLI takes a uuid only once per transcript, so the same prompt handed over twice does not run twice.
 */
export function messageUuid(promptId: string): UserMessageUuid {
  const id = promptId.toLowerCase();
  if (isUuid(id)) return id;
  const hash = createHash('sha256').update(promptId, 'utf8').digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

function isUuid(text: string): text is UserMessageUuid {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
}

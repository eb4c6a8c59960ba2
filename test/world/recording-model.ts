/** A model provider on loopback that answers with the demo model and remembers what it was asked. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGateway } from '@claude-companion/gateway';

export interface RecordedRequest {
  headers: IncomingHttpHeaders;
  model: string;
  /** The system prompt, all its blocks. */
  system: string;
  /** Everything in the conversation, as JSON. */
  messages: string;
}

export interface RecordingModel extends AsyncDisposable {
  /** What makes a server use it, as if it were the operator's own account. */
  environment: Record<string, string>;
  requests: RecordedRequest[];
}

interface Body {
  model: string;
  system?: string | { text?: string }[];
  messages: unknown;
}

export async function startRecordingModel(): Promise<RecordingModel> {
  const demo = createGateway({ authorize: () => true, demo: { paceMs: 0 } });
  const behind = createServer((request, response) => void demo.handle(request, response));
  const behindUrl = await listen(behind);
  const requests: RecordedRequest[] = [];
  const front = createServer(async (request, response) => {
    const body = JSON.parse(await textOf(request)) as Body;
    const { system = [] } = body;
    requests.push({
      headers: request.headers,
      model: body.model,
      system: typeof system === 'string' ? system : system.map(({ text }) => text ?? '').join('\n'),
      messages: JSON.stringify(body.messages),
    });
    const answer = await fetch(`${behindUrl}${request.url}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ ...body, model: 'demo' }),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
    for await (const chunk of answer.body ?? []) response.write(chunk);
    response.end();
  });
  const url = await listen(front);
  return {
    environment: { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'a-key-of-the-operator' },
    requests,
    async [Symbol.asyncDispose]() {
      for (const server of [front, behind]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      await demo.close();
    },
  };
}

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CollectedMessage } from './collect-message.ts';
import { ApiError } from './errors.ts';
import { MessageStream } from './message-stream.ts';
import type { StreamEvent } from './stream-events.ts';
import { checkStreamGrammar } from './stream-grammar.ts';

type Step =
  | { kind: 'text' | 'thinking'; piece: string }
  | { kind: 'tool'; input: Record<string, unknown>; cuts: number[] }
  | { kind: 'ping' };

function record() {
  const events: StreamEvent[] = [];
  const stream = new MessageStream({ id: 'msg_1', model: 'm', inputTokens: 3, sink: (event) => events.push(event) });
  return { events, stream };
}

function play(stream: MessageStream, step: Step, position: number): void {
  if (step.kind === 'ping') stream.ping();
  else if ('piece' in step) {
    if (step.kind === 'text') stream.text(step.piece);
    else stream.thinking(step.piece, 'signed');
  } else {
    stream.toolUse(`toolu_${position}`, 'Bash');
    const json = JSON.stringify(step.input);
    const ends = [...step.cuts.map((cut) => cut % json.length), json.length].sort((a, b) => a - b);
    for (const [index, end] of ends.entries()) stream.toolInput(json.slice(ends[index - 1] ?? 0, end));
  }
}

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('text' as const, 'thinking' as const), piece: fc.string({ unit: 'grapheme' }) }),
  fc.record({
    kind: fc.constant('tool' as const),
    input: fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.parse(JSON.stringify(value))),
    cuts: fc.array(fc.nat()),
  }),
  fc.constant({ kind: 'ping' as const }),
);

test('whatever a model says, in whatever order, comes out as a correct stream with nothing lost', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 12 }), (steps) => {
      const { events, stream } = record();
      for (const [position, step] of steps.entries()) play(stream, step, position);
      stream.end();
      expect(checkStreamGrammar(events)).toEqual([]);

      const collected = new CollectedMessage();
      for (const event of events) collected.accept(event);
      const { content, stop_reason } = collected.message;
      const said = (kind: string) =>
        steps.map((step) => (step.kind === kind && 'piece' in step ? step.piece : '')).join('');
      expect(content.map((block) => (block.type === 'text' ? block.text : '')).join('')).toBe(said('text'));
      expect(content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join('')).toBe(said('thinking'));
      const inputs = steps.flatMap((step) => (step.kind === 'tool' ? [step.input] : []));
      expect(content.flatMap((block) => (block.type === 'tool_use' ? [block.input] : []))).toEqual(inputs);
      expect(stop_reason).toBe(inputs.length > 0 ? 'tool_use' : 'end_turn');
    }),
  );
});

test('a failure within a block ends the stream with an error event', () => {
  const { events, stream } = record();
  stream.text('half');
  stream.fail(new ApiError('overloaded_error', 'Busy.'));
  expect(checkStreamGrammar(events)).toEqual([]);
  expect(events.at(-1)).toEqual({ type: 'error', error: { type: 'overloaded_error', message: 'Busy.' } });
});

test('nothing can follow the end', () => {
  const { events, stream } = record();
  stream.end();
  const complete = events.length;
  expect(() => stream.text('more')).toThrow('has ended');
  expect(() => stream.end()).toThrow('has ended');
  stream.fail(new ApiError('api_error', 'late'));
  expect(events).toHaveLength(complete);
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_DATA, type EventKind } from '@claude-companion/protocol';
import { describe, expect, it } from 'vitest';
import { translateAll } from './testing/golden.ts';
import { storable, toolOutput } from './tool-output.ts';
import { type ClaudeMessage, warningOf } from './translate.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const names = readdirSync(FIXTURES).flatMap((file) => (file.endsWith('.jsonl') ? [file.replace('.jsonl', '')] : []));

function messagesOf(name: string): ClaudeMessage[] {
  const lines = readFileSync(join(FIXTURES, `${name}.jsonl`), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as ClaudeMessage);
}

describe('translate', () => {
  it.each(names)('recorded from the CLI: %s', (name) => {
    const golden = translateAll(messagesOf(name));
    expect(golden).toEqual(JSON.parse(readFileSync(join(FIXTURES, `${name}.expected.json`), 'utf8')));
    for (const { kind, data } of golden.events) expect(EVENT_DATA[kind].parse(data)).toEqual(data);
  });

  it('has a recording of everything it can say', () => {
    const said = new Set(names.flatMap((name) => translateAll(messagesOf(name)).events.map(({ kind }) => kind)));
    const kinds: EventKind[] = ['turn.started', 'turn.ended', 'message.assistant', 'message.thinking', 'tool.started'];
    expect(said).toEqual(new Set([...kinds, 'tool.finished']));
  });

  it('ignores a message it has never heard of, whatever its name', () => {
    for (const type of ['from_the_future', 'toString', '__proto__']) {
      expect(translateAll([{ type } as unknown as ClaudeMessage])).toEqual({ events: [], deltas: [] });
    }
    expect(warningOf({ type: 'system', subtype: 'constructor' } as unknown as ClaudeMessage)).toBe(null);
  });

  it('shows no fragments of sub-agents: they write while the main agent does', () => {
    const messages = messagesOf('text-and-thinking').map((message) =>
      message.type === 'stream_event' ? { ...message, parent_tool_use_id: 'toolu' } : message,
    );
    expect(translateAll(messages).deltas).toEqual([]);
  });

  it('tells the log about retries', () => {
    const warnings = messagesOf('api-error-529').flatMap((message) => warningOf(message) ?? []);
    expect(warnings).toEqual([expect.stringContaining('tries again')]);
  });
});

describe('toolOutput', () => {
  it('is text, with a word for everything that is none', () => {
    expect(toolOutput(undefined)).toBe('');
    const image = { type: 'image', source: { type: 'url', url: 'http://x' } } as const;
    expect(toolOutput([{ type: 'text', text: 'a' }, image])).toBe('a\n[image]');
  });

  it('is cut to 8,000 characters and never within one', () => {
    expect(toolOutput('x'.repeat(8000))).toHaveLength(8000);
    expect(toolOutput('x'.repeat(8001))).toHaveLength(8000);
    const cut = toolOutput(`${'x'.repeat(7999)}😀 and more`);
    expect(cut).toBe('x'.repeat(7999));
  });
});

describe('storable', () => {
  it('replaces what a database refuses, at any depth, and nothing else', () => {
    expect(storable({ 'a\0': ['b\0c', 1, null, { d: 'e\ud800', f: '😀\u001b' }] })).toEqual({
      'a\u2400': ['b\u2400c', 1, null, { d: 'e\ufffd', f: '😀\u001b' }],
    });
  });

  it('is applied to every event', () => {
    const said = messagesOf('tools-allowed').map((message) =>
      JSON.parse(JSON.stringify(message).replaceAll('one', 'o\\u0000e')),
    );
    const golden = translateAll(said);
    expect(JSON.stringify(golden.events)).toContain('o\u2400e');
    expect(JSON.stringify(golden.events)).not.toContain('\\u0000');
  });
});

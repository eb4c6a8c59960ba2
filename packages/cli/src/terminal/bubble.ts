/** A text message, drawn in a terminal. */
import pc from 'picocolors';

const WIDTH = 58;

/** Lines of at most `width` characters, broken at spaces where there are any. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      let rest = word;
      if (line !== '' && line.length + 1 + rest.length > width) {
        lines.push(line);
        line = '';
      }
      while (rest.length > width) {
        lines.push(rest.slice(0, width));
        rest = rest.slice(width);
      }
      line = line === '' ? rest : `${line} ${rest}`;
    }
    lines.push(line);
  }
  return lines;
}

/** What the phone received stands left, what was typed on it right. */
export function bubble(text: { direction: 'to_phone' | 'from_phone'; body: string }): string[] {
  const received = text.direction === 'to_phone';
  const lines = wrap(text.body, WIDTH - 4);
  const inner = Math.max(...lines.map((line) => line.length));
  const indent = received ? '  ' : ' '.repeat(Math.max(2, 76 - inner - 4));
  const paint = received ? pc.cyan : pc.green;
  return [
    `${indent}${paint(`╭${'─'.repeat(inner + 2)}╮`)}${received ? pc.dim('  text to your phone') : ''}`,
    ...lines.map((line) => `${indent}${paint('│')} ${line.padEnd(inner)} ${paint('│')}`),
    `${indent}${paint(`╰${'─'.repeat(inner + 2)}╯`)}${received ? '' : pc.dim('  you')}`,
  ];
}

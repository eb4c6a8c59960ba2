/** How a device is called in the list of devices: as it says, or by the program that it runs. Pure. */
const MAX_LENGTH = 100;

const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdg\//, 'Edge'],
  [/\bFirefox\//, 'Firefox'],
  [/\bChrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/\biPhone\b|\biPad\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bLinux\b/, 'Linux'],
];

export function deviceName(given: string | undefined, userAgent: string | undefined): string {
  const named = printable(given ?? '');
  if (named !== '') return named;
  const agent = userAgent ?? '';
  const find = (table: readonly [RegExp, string][]): string | undefined =>
    table.find(([pattern]) => pattern.test(agent))?.[1];
  const [browser, system] = [find(BROWSERS), find(SYSTEMS)];
  if (agent.startsWith('Mozilla/') && browser) return system ? `${browser} on ${system}` : browser;
  return printable(agent.split(/[/ ]/, 1)[0] ?? '') || 'unnamed device';
}

/** Without what would be invisible, or would turn the text around it. */
const printable = (text: string): string =>
  text
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, MAX_LENGTH);

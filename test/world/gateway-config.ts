/** A file for GATEWAY_CONFIG in a directory of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface GatewayConfigFile extends Disposable {
  path: string;
  write(content: unknown): void;
}

export function gatewayConfigFile(content: unknown): GatewayConfigFile {
  const directory = mkdtempSync(join(tmpdir(), 'companion-gateway-config-'));
  const path = join(directory, 'gateway.json');
  const write = (value: unknown): void =>
    writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  write(content);
  return { path, write, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
}

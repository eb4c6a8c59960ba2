/** `companion webhook`: the secret address at which Twilio calls the server. */
import { connect, type ServerOptions } from './connect.ts';
import type { Surroundings } from './surroundings.ts';

/** Without an action it is shown; `rotate` replaces it. */
export async function webhook(
  surroundings: Surroundings,
  options: ServerOptions & { keep?: string },
  action: string | undefined,
): Promise<number> {
  const client = await connect(surroundings, options);
  const { stdout, stderr } = surroundings;
  if (action !== undefined && action !== 'rotate') {
    stderr('There is "companion webhook" and "companion webhook rotate".');
    return 1;
  }
  if (action === undefined) {
    const { webhookUrl } = await client.carrier();
    stdout(webhookUrl ?? 'This server has no webhook: set PUBLIC_URL and the TWILIO_ settings, then start it again.');
    return webhookUrl === null ? 1 : 0;
  }
  const hours = Number(options.keep ?? 24);
  if (!Number.isFinite(hours) || hours < 0 || hours > 168) {
    stderr('--keep takes hours from 0 to 168.');
    return 1;
  }
  const { webhookUrl, oldValidUntil } = await client.rotateWebhook(Math.round(hours * 3600));
  stdout('In the Twilio console, at the number, set "A message comes in" to POST');
  stdout(`  ${webhookUrl}`);
  stdout(`The old address works until ${oldValidUntil}.`);
  return 0;
}

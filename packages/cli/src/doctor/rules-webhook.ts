/** The way back: Twilio must be able to call this server, and must be told where. */
import type { Facts } from './facts.ts';
import { type Finding, noText, note, ok } from './finding.ts';
import type { Probe } from './webhook-probe.ts';

type Rule = (facts: Facts) => Finding | null;

export const WEBHOOK: readonly Rule[] = [publicUrl, encrypted, webhook, twilioCallsIt];

const BACKWARDS = 'Texts go out, but no answer comes back';

function publicUrl({ twilio, config, carrier }: Facts): Finding | null {
  if (!twilio) return null;
  if (config.PUBLIC_URL === undefined) {
    return noText(
      'public-url',
      `${BACKWARDS}: PUBLIC_URL is not set.`,
      'Set it to an https address under which the internet reaches this server, such as that of a tunnel.',
    );
  }
  if (carrier && carrier.publicUrl === null) {
    return noText(
      'public-url',
      `${BACKWARDS}: PUBLIC_URL is an address of this machine alone.`,
      'Set it to one that Twilio can reach, and start the server again.',
    );
  }
  return null;
}

function encrypted({ twilio, config, carrier }: Facts): Finding | null {
  if (!twilio || !config.PUBLIC_URL?.startsWith('http://') || carrier?.publicUrl == null) return null;
  return note(
    'encryption',
    'PUBLIC_URL is not encrypted: everybody on the way can read your texts and links.',
    'Put a server with TLS before this one, and set PUBLIC_URL to its https address.',
  );
}

function webhook({ twilio, carrier, webhook: probe, server }: Facts): Finding | null {
  if (!twilio || !carrier?.webhookUrl) return null;
  if (!probe) {
    return server.state === 'stopped'
      ? note('webhook', 'Whether Twilio can reach this server was not tried: it does not run.')
      : null;
  }
  const words: { [K in Probe['reached']]: (probe: Extract<Probe, { reached: K }>) => Finding } = {
    'this server': () => ok('webhook', 'PUBLIC_URL leads to this server, seen from this machine.'),
    'something else': ({ status }) =>
      noText(
        'webhook',
        `${BACKWARDS}: at PUBLIC_URL something else answers (status ${status}).`,
        'Let PUBLIC_URL lead to this server, its whole path and query unchanged.',
      ),
    'wrong signature': () =>
      noText(
        'webhook',
        `${BACKWARDS}: the server refuses signatures made with TWILIO_AUTH_TOKEN and PUBLIC_URL as they are set here.`,
        'Start the server with the same two settings. A proxy must not change path or query.',
      ),
    'unknown host': () =>
      noText(
        'webhook',
        `${BACKWARDS}: the server does not know the name under which PUBLIC_URL calls it.`,
        'Start the server with this PUBLIC_URL.',
      ),
    nothing: ({ reason }) =>
      noText(
        'webhook',
        `${BACKWARDS}: nothing answers at PUBLIC_URL (${reason}).`,
        'Start the tunnel or proxy, check the name, and open the port.',
      ),
  };
  return words[probe.reached](probe as never);
}

/** The console may hold a suffix with connection settings (`#rc=3`), which does not count. */
function twilioCallsIt({ twilio, carrier }: Facts): Finding | null {
  if (!twilio || !('facts' in twilio.answer) || !carrier?.webhookUrl) return null;
  const { sender } = twilio.answer.facts;
  if (!sender?.canText) return null;
  const configured = sender.smsUrl.split('#', 1)[0] ?? '';
  if (configured === carrier.webhookUrl) return ok('webhook-url', 'Twilio brings texts to this server.');
  const next = `In the Twilio console, at the number, set "A message comes in" to POST ${carrier.webhookUrl}`;
  return configured === ''
    ? noText('webhook-url', `${BACKWARDS}: Twilio is not told where to bring it.`, next)
    : noText('webhook-url', `${BACKWARDS}: Twilio brings it to ${hostOf(configured)}, at another address.`, next);
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'something that is no address');

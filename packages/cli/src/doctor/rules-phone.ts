/** The way of a text: to the phone, and back. Each rule says nothing where it does not apply. */
import { twilioErrorAdvice } from '@claude-companion/sms';
import type { Facts } from './facts.ts';
import { type Finding, noText, note, ok } from './finding.ts';
import { WEBHOOK } from './rules-webhook.ts';
import type { TwilioFacts } from './twilio-account.ts';

type Rule = (facts: Facts) => Finding | null;

const CONSOLE = 'the Twilio console';
const MOST_SKEW_MS = 60_000;

export const PHONE: readonly Rule[] = [
  carrier,
  otherSettings,
  credentials,
  accountState,
  trial,
  sender,
  clock,
  ownerPhone,
  optedOut,
  ...WEBHOOK,
  strangers,
  failures,
];

/** Null where Twilio was not asked or did not answer. */
export const twilioFacts = ({ twilio }: Facts): TwilioFacts | null =>
  twilio && 'facts' in twilio.answer ? twilio.answer.facts : null;

function carrier({ twilio, carrier: told }: Facts): Finding | null {
  if (twilio || told?.provider === 'twilio') return null;
  return note(
    'carrier',
    'The phone is simulated: no text leaves this machine. Read and answer its texts with "companion phone".',
    'For real texts set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_PHONE_NUMBER and PUBLIC_URL.',
  );
}

function otherSettings({ twilio, carrier: told, server }: Facts): Finding | null {
  if (server.state !== 'running' || !told) return null;
  if (told.provider === (twilio ? 'twilio' : 'simulated')) return null;
  return noText(
    'other-settings',
    twilio
      ? 'Twilio is configured here, but the running server was started without it.'
      : 'The running server uses Twilio, but its settings are not known here: the account was not checked.',
    twilio ? 'Start the server again with these settings.' : 'Run this where the server gets its settings (.env).',
  );
}

function credentials({ twilio }: Facts): Finding | null {
  if (!twilio) return null;
  const { answer } = twilio;
  if ('refused' in answer) {
    return noText(
      'credentials',
      `Twilio refuses the credentials (${answer.refused}).`,
      `Compare TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN with the first page of ${CONSOLE}.`,
    );
  }
  if ('unreachable' in answer) {
    return noText(
      'credentials',
      `Twilio cannot be asked: ${answer.unreachable}.`,
      'Check the network of this machine, and TWILIO_API_URL if it is set.',
    );
  }
  return ok('credentials', 'Twilio knows the account.');
}

function accountState(facts: Facts): Finding | null {
  const { status } = twilioFacts(facts)?.account ?? {};
  if (status === undefined || status === 'active') return null;
  return noText('account', `The Twilio account is ${status}.`, `Open ${CONSOLE} to see why.`);
}

function trial(facts: Facts): Finding | null {
  const found = twilioFacts(facts);
  if (!found?.account.isTrial) return null;
  const says = 'The Twilio account is on trial: it texts verified numbers only';
  if (found.ownerVerified === true) return note('trial', `${says}. Yours is verified.`);
  const next = `Verify it in ${CONSOLE} (Phone Numbers > Verified Caller IDs), or upgrade the account.`;
  return found.ownerVerified === false
    ? noText('trial', `${says}, and yours is not.`, next)
    : note('trial', `${says}. OWNER_PHONE is not set here, so yours was not looked up.`, next);
}

function sender(facts: Facts): Finding | null {
  const found = twilioFacts(facts);
  const name = facts.twilio?.settings.sender;
  if (!found || name === undefined) return null;
  if (!found.sender) {
    return noText(
      'sender',
      `The account has no ${name.startsWith('MG') ? 'Messaging Service' : 'number'} ${name}.`,
      `Set TWILIO_PHONE_NUMBER to one of the account; they are in ${CONSOLE}.`,
    );
  }
  if (!found.sender.canText) {
    return noText('sender', `The number ${name} cannot send texts.`, `Choose one with SMS in ${CONSOLE}.`);
  }
  return unregistered(found, name) ?? ok('sender', `Texts come from ${name}.`);
}

/** Carriers in the US drop texts of numbers that belong to no registered campaign: only tried texts show it. */
function unregistered({ recentErrors }: TwilioFacts, name: string): Finding | null {
  const code = ['30034', '30032'].find((each) => recentErrors[each]);
  if (code === undefined) return null;
  return noText(
    'registration',
    `Of the latest texts from ${name}, ${recentErrors[code]} failed with ${code}.`,
    twilioErrorAdvice(code).operator,
  );
}

function clock(facts: Facts): Finding | null {
  const ahead = twilioFacts(facts)?.clockAheadMs ?? null;
  if (ahead === null || Math.abs(ahead) < MOST_SKEW_MS) return null;
  const seconds = Math.round(Math.abs(ahead) / 1000);
  return note(
    'clock',
    `This machine’s clock is ${seconds} s ${ahead > 0 ? 'behind' : 'ahead of'} Twilio’s: after a crash a text may be sent twice.`,
    'Set the clock; best let it be set over the network (NTP).',
  );
}

function ownerPhone({ config, carrier: told, twilio }: Facts): Finding | null {
  if (!twilio) return null;
  const phone = config.OWNER_PHONE ? 'OWNER_PHONE' : told?.ownerPhone;
  if (!phone || phone === SIMULATED) {
    return noText('owner-phone', 'You have no phone here.', 'Set OWNER_PHONE, such as +14155550123.');
  }
  return ok('owner-phone', told?.ownerPhone ? `Your phone is ${told.ownerPhone}.` : 'Your phone is OWNER_PHONE.');
}

/** The made-up number of the simulated phone, as it is shown. */
const SIMULATED = '+120***0143';

function optedOut({ carrier: told, twilio }: Facts): Finding | null {
  if (!told?.ownerOptedOutAt) return null;
  const to = twilio ? ` to ${twilio.settings.sender}` : ' on it';
  return noText(
    'opted-out',
    `Your phone texted STOP (${told.ownerOptedOutAt.slice(0, 10)}): nothing is sent to it.`,
    `Text START${to} from it.`,
  );
}

function strangers({ carrier: told }: Facts): Finding | null {
  const [last] = told?.unknownSenders ?? [];
  if (!last) return null;
  return note(
    'strangers',
    `Texts came from numbers that nobody here has, last from ${last.phone} (${last.texts}).`,
    'If that is your phone, set OWNER_PHONE to it.',
  );
}

function failures({ carrier: told }: Facts): Finding | null {
  const [last] = told?.failures ?? [];
  if (!last) return null;
  return note('failures', `In the last three days ${last.count} texts failed: ${last.reason}`);
}

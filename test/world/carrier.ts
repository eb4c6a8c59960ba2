/** A real server with the Twilio emulator as its carrier. Its own port is its public address. */
import { join } from 'node:path';
import { openPglite } from '../../packages/server/src/store/pglite.ts';
import { freePort } from '../sms/free-port.ts';
import { openWorld, type World, type WorldOptions } from './server.ts';
import { TwilioEmulator, type TwilioEmulatorOptions } from './twilio/emulator.ts';

export const OWNER_PHONE = '+14155550123';
export const OWN_NUMBER = '+15551234567';

/** The settings of a server whose carrier is this emulator. */
export const carrierSettings = (
  carrier: Pick<TwilioEmulator, 'accountSid' | 'authToken' | 'baseUrl'>,
  port: number,
): Record<string, string> => ({
  PORT: String(port),
  PUBLIC_URL: `http://127.0.0.1:${port}`,
  OWNER_PHONE,
  TWILIO_ACCOUNT_SID: carrier.accountSid,
  TWILIO_AUTH_TOKEN: carrier.authToken,
  TWILIO_PHONE_NUMBER: OWN_NUMBER,
  TWILIO_API_URL: carrier.baseUrl,
});

export interface CarrierState {
  webhookUrl: string | null;
  ownerPhone: string | null;
  ownerOptedOutAt: string | null;
  unknownSenders: { phone: string; texts: number }[];
  failures: { reason: string; count: number }[];
}

export interface CarrierWorld extends AsyncDisposable {
  world: World;
  carrier: TwilioEmulator;
  /** The address that is told the carrier, with its secret. */
  webhookUrl: string;
  state(): Promise<CarrierState>;
  /** A text from the owner's phone; resolves with the answer to each copy. */
  text(body: string, more?: { copies?: number; messageSid?: string }): Promise<(Response | null)[]>;
}

export async function openCarrierWorld(
  options: WorldOptions & { emulator?: TwilioEmulatorOptions } = {},
): Promise<CarrierWorld> {
  const carrier = await new TwilioEmulator(options.emulator).listen();
  const settings = { ...carrierSettings(carrier, await freePort()), ...options.settings };
  const world = await openWorld({ ...options, settings });
  const state = async (): Promise<CarrierState> => (await (await world.request('/api/carrier')).json()) as CarrierState;
  const webhookUrl = (await state()).webhookUrl ?? '';
  if (webhookUrl !== '') carrier.webhookUrl = webhookUrl;
  return {
    world,
    carrier,
    webhookUrl,
    state,
    text: (body, more = {}) => carrier.arrive({ from: OWNER_PHONE, to: OWN_NUMBER, body, ...more }),
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await carrier[Symbol.asyncDispose]();
    },
  };
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface DeliveryRow {
  id: string;
  textId: string | null;
  purpose: string;
  state: string;
  reason: string | null;
  providerId: string | null;
  inboundId: number | null;
  askId: string | null;
}

export interface AskCode {
  id: string;
  state: string;
  code: string;
}

/** What the database of a server that is stopped says of its texts. */
export async function storedTexts(
  dataDir: string,
): Promise<{ deliveries: DeliveryRow[]; inbound: { id: number; carrierId: string }[]; asks: AskCode[] }> {
  const db = await openPglite({ directory: join(dataDir, 'pg'), logger: silent });
  try {
    const deliveries = await db.query<DeliveryRow>(
      `select id, text_id as "textId", purpose, state, reason, provider_id as "providerId", inbound_id as "inboundId",
         ask_id as "askId" from deliveries order by created_at, id`,
    );
    const inbound = await db.query<{ id: number; carrierId: string }>(
      'select id, carrier_id as "carrierId" from inbound_texts order by id',
    );
    const asks = await db.query<AskCode>(
      'select a.id, a.state, c.code from asks a join ask_codes c on c.ask_id = a.id order by a.opened_at, a.id',
    );
    return { deliveries: deliveries.rows, inbound: inbound.rows, asks: asks.rows };
  } finally {
    await db.close();
  }
}

/** Builds signing in from its settings, and keeps its ends final. */
import { createAccessJwt } from '../auth/access-jwt.ts';
import { MIN_JWT_SECRET_LENGTH, signInKeys } from '../auth/sign-in-keys.ts';
import type { Config } from '../config/config.ts';
import type { Context } from '../operations/context.ts';
import { CodeExpiry } from '../operations/sign-in/code-expiry.ts';
import { Revocations } from '../operations/sign-in/revocations.ts';
import type { SignInContext, SignInPolicy } from '../operations/sign-in/sign-in-context.ts';
import { sweepEnded } from '../operations/sign-in/sweep-sign-ins.ts';
import { keptSecret } from './kept-secret.ts';

const SWEEP_MS = 60_000;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1', '[::1]']);

type SignInSettings = Pick<
  Config,
  | 'HOST'
  | 'PUBLIC_URL'
  | 'JWT_SECRET'
  | 'ACCESS_TOKEN_TTL'
  | 'ALLOWED_PHONES'
  | 'ALLOWED_COUNTRIES'
  | 'OPEN_SIGNUP'
  | 'CALLBACK_ORIGINS'
  | 'CODE_TEXTS_PER_DAY'
>;

export interface OpenedSignIn {
  context: SignInContext;
  close(): Promise<void>;
}

export async function openSignIn(
  context: Context,
  { config, dataDir }: { config: SignInSettings; dataDir: string },
): Promise<OpenedSignIn> {
  const { store, clock, logger } = context;
  const file = { dataDir, name: 'jwt-secret', bytes: 32, minLength: MIN_JWT_SECRET_LENGTH };
  const keys = signInKeys((await keptSecret(file, config.JWT_SECRET)).secret);
  const revocations = await Revocations.open(store.db);
  const codeExpiry = new CodeExpiry({ db: store.db, clock, logger });
  const signIn = {
    policy: signInPolicy(config),
    hash: keys.hash,
    jwt: createAccessJwt(keys.jwt),
    revocations,
    codeExpiry,
  };
  let cancel = (): void => undefined;
  let sweeping = Promise.resolve();
  const arm = (): void => {
    cancel = clock.after(SWEEP_MS, () => {
      sweeping = sweepEnded(context).catch((error: unknown) =>
        logger.warn({ err: error }, 'what ended could not be swept up; it is tried again'),
      );
      arm();
    });
  };
  await sweepEnded(context);
  arm();
  return {
    context: { ...context, signIn },
    async close() {
      cancel();
      codeExpiry.close();
      await sweeping;
      await revocations.close();
    },
  };
}

export function signInPolicy(config: SignInSettings): SignInPolicy {
  return {
    allowedPhones: new Set(config.ALLOWED_PHONES),
    allowedCountries: config.ALLOWED_COUNTRIES ? new Set(config.ALLOWED_COUNTRIES) : null,
    openSignup: config.OPEN_SIGNUP ?? onlyLoopback(config),
    accessTokenTtlS: config.ACCESS_TOKEN_TTL,
    callbackOrigins: new Set(config.CALLBACK_ORIGINS),
    codeTextsPerDay: config.CODE_TEXTS_PER_DAY,
  };
}

/** Nobody but this machine reaches the server: whoever can type a number here can read the database too. */
export const onlyLoopback = ({ HOST, PUBLIC_URL }: Pick<Config, 'HOST' | 'PUBLIC_URL'>): boolean =>
  LOOPBACK.has(HOST) && (PUBLIC_URL === undefined || LOOPBACK.has(new URL(PUBLIC_URL).hostname));

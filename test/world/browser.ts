/** A real browser: the system's Chromium, without anything of this user's and without any other host. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';
export const hasBrowser = existsSync(EXECUTABLE);
if (!hasBrowser) console.warn('Chromium is not installed: the tests in a browser are skipped. (apt install chromium)');

/** Closed by its test file. Every context made of it is a person of their own. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: EXECUTABLE,
    // As root, Chromium has no sandbox; the names of other hosts lead nowhere.
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-dev-shm-usage',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
    ],
  });

/** A context as of a phone. */
export const PHONE = { viewport: { width: 375, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

export interface VirtualPasskeys {
  cdp: CDPSession;
  authenticatorId: string;
  /** Whether the person at the device is recognised from now on. */
  recognise(verified: boolean): Promise<void>;
}

/** A platform authenticator inside the browser, with a person who says yes by themselves. */
export async function virtualPasskeys(context: BrowserContext, page: Page): Promise<VirtualPasskeys> {
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    cdp,
    authenticatorId,
    recognise: async (verified) => {
      await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: verified });
    },
  };
}

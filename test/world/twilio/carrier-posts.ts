import twilio from 'twilio';

export interface CarrierPost {
  url: string;
  params: Record<string, string>;
  authToken: string;
}

/** Posts a form as Twilio does: signed with Twilio's own code, by which ours is judged. Null when nobody answered. */
export async function postSigned({ url, params, authToken }: CarrierPost): Promise<Response | null> {
  const signature = twilio.getExpectedTwilioSignature(authToken, url, params);
  try {
    return await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        'user-agent': 'TwilioProxy/1.1',
        'x-twilio-signature': signature,
      },
      body: new URLSearchParams(params).toString(),
      signal: AbortSignal.timeout(15_000),
    });
  } catch {
    return null;
  }
}

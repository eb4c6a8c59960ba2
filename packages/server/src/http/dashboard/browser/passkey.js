// Passkeys: asks the server what to sign, lets the browser sign it, and sends the form with the signature in it.
const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
const withBytes = (credentials = []) => credentials.map((each) => ({ ...each, id: toBytes(each.id) }));

async function optionsFrom(path, form) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams(new FormData(form)),
  });
  const body = await response.json();
  if (!response.ok) throw new Error(body.error);
  return body;
}

async function sign(form) {
  const options = await optionsFrom(form.dataset.passkey, form);
  const credential = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    },
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = credential.response;
  form.elements.assertion.value = JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response: {
      clientDataJSON: toText(clientDataJSON),
      authenticatorData: toText(authenticatorData),
      signature: toText(signature),
      ...(userHandle ? { userHandle: toText(userHandle) } : {}),
    },
  });
}

async function enrol(form) {
  const options = await optionsFrom(form.dataset.newPasskey, form);
  const credential = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    },
  });
  const { clientDataJSON, attestationObject } = credential.response;
  form.elements.credential.value = JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response: {
      clientDataJSON: toText(clientDataJSON),
      attestationObject: toText(attestationObject),
      transports: credential.response.getTransports?.() ?? [],
    },
  });
}

function tell(form, error) {
  const place = form.querySelector('[data-problem]') ?? document.querySelector('[data-problem]');
  const dismissed = error instanceof DOMException && error.name === 'NotAllowedError';
  place.textContent = dismissed ? 'The passkey was not used, so nothing was done. Try again.' : error.message;
  place.hidden = false;
}

for (const [selector, act] of [
  ['form[data-passkey]', sign],
  ['form[data-new-passkey]', enrol],
]) {
  for (const form of document.querySelectorAll(selector)) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      act(form).then(
        () => form.submit(),
        (error) => tell(form, error),
      );
    });
  }
}

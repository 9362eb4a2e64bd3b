// What a browser does with passkeys when it is asked to: shows one, or makes one.

/** What the browser is asked to do with a passkey (the options as JSON of WebAuthn). */
export interface Ceremony {
  challenge: string
  options: object
}

/** The person or the browser did not go through with it. */
export class Declined extends Error {}

export const able = typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential

/** Shows a passkey that was asked for. */
export async function showPasskey({ challenge, options }: Ceremony, more: CredentialRequestOptions = {}) {
  const { id, response } = await used<AuthenticationResponseJSON>(() =>
    navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON),
      ...more,
    }),
  )
  const { clientDataJSON, authenticatorData, signature, userHandle } = response
  return { challenge, credential: { id, clientDataJSON, authenticatorData, signature, userHandle: userHandle ?? null } }
}

/** Makes a passkey that was asked for. */
export async function makePasskey({ challenge, options }: Ceremony) {
  const { id, response } = await used<RegistrationResponseJSON>(() =>
    navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON),
    }),
  )
  const { clientDataJSON, attestationObject, transports } = response
  return { challenge, credential: { id, clientDataJSON, attestationObject, transports: transports ?? [] } }
}

async function used<Said>(ceremony: () => Promise<Credential | null>): Promise<Said> {
  try {
    const credential = (await ceremony()) as PublicKeyCredential | null
    if (credential) return credential.toJSON() as Said
  } catch (cause) {
    throw new Declined((cause as Error).name, { cause })
  }
  throw new Declined()
}

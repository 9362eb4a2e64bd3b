// The browser's side of passkeys, and what it remembers of them: no secret, and nobody's name.
import { ask, type AuthRequest, type Ceremony } from './api'

/** The person or the browser did not go through with it. */
export class Declined extends Error {}

export const able = typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential
const LATER = 90 * 86_400_000
let pending: AbortController | null = null
let hasAuthenticator = false
if (able) {
  PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().then((found) => {
    hasAuthenticator = found
  }, noop)
}

/** Asks for a passkey and hands it over; without a press of a button it waits in the field's autofill. */
export async function showPasskey(request: AuthRequest, waits: boolean) {
  stopWaiting()
  const stop = new AbortController()
  if (waits) {
    pending = stop
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) throw new Declined()
  }
  const { challenge, options } = await ask('passkey/options', request)
  const { id, response } = await used<AuthenticationResponseJSON>(() =>
    navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON),
      signal: stop.signal,
      ...(waits ? { mediation: 'conditional' as const } : {}),
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

/** One question at a time: what waits in the autofill makes room for a pressed button. */
export function stopWaiting() {
  pending?.abort()
  pending = null
}

/** Whether this browser would have a passkey offered: it can make one, and nobody declined lately. */
export function wantsOffer(): boolean {
  return hasAuthenticator && Date.now() - Number(kept('sf-later')) > LATER
}

export function askLater() {
  keep('sf-later', String(Date.now()))
}

/** How somebody signed in here the last time. */
export function lastUsed(workspace: string): string | null {
  return kept(`sf-last:${workspace}`)
}

export function rememberUsed(workspace: string, method: 'passkey' | 'password') {
  keep(`sf-last:${workspace}`, method)
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

function kept(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

function keep(name: string, value: string) {
  try {
    localStorage.setItem(name, value)
  } catch {
    // A browser that keeps nothing is asked again the next time.
  }
}

function noop() {}

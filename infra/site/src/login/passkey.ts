// The login's side of passkeys, and what the browser remembers of them: no secret, and nobody's name.
import { able, Declined, showPasskey as show } from '../talk/ceremonies'
import { ask, type AuthRequest } from './api'

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
  if (!waits) return await show(await ask('passkey/options', request))
  const { signal } = (pending = new AbortController())
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) throw new Declined()
  return await show(await ask('passkey/options', request), { signal, mediation: 'conditional' })
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

export function rememberUsed(workspace: string, method: 'passkey' | 'password' | `sso:${string}`) {
  keep(`sf-last:${workspace}`, method)
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

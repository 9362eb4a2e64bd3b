// What the browser remembers of how somebody signs in: no secret, and nobody's name.
import { able } from '../talk/ceremonies'

const LATER = 90 * 86_400_000
let hasAuthenticator = false
if (able) {
  PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().then((found) => {
    hasAuthenticator = found
  }, noop)
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

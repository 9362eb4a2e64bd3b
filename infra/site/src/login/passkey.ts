// The login's side of passkeys: asks for one, and hands it over.
import { Declined, showPasskey as show } from '../talk/ceremonies'
import { ask, type AuthRequest } from './api'

let pending: AbortController | null = null

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

// The login's conversation with the platform: one POST per step, same origin, JSON both ways.
import type { Ceremony } from '../talk/ceremonies'
import { exchange } from '../talk/exchange'
import { wantsOffer } from './remembered'

export { Refusal, Unreachable } from '../talk/exchange'

export type AuthRequest = Readonly<Record<string, string>>

export interface Context {
  workspace: { name: string }
  application: { appId: string; name: string; color: string | null }
  returnTo: string
  signUp: boolean
  providers: readonly Offer[]
  /** Whether the domain of an address may lead to a provider. */
  routes: boolean
  /** Whether everybody signs in by a provider, and other ways are for emergencies. */
  requiresSso: boolean
  person: { name: string | null; email: string | null } | null
  /** Begin without an account, go on as the visitor of before, or only add an account to that one. */
  visit: 'none' | 'offered' | 'continued' | 'kept'
  /** The address for which this browser shows an invite. */
  invited: string | null
  prompt: string | null
  loginHint: string | null
}

/** A provider elsewhere by which people sign in here. */
export interface Offer {
  name: string
  displayName: string
}

/** The address has an account, which its owner signs in to before the provider counts. */
export interface Unlinked {
  unlinked: { email: string; displayName: string }
}

export interface Leave {
  redirectTo: string
}

/** The sign-in goes on: what is asked next, and the challenge to answer it with. */
export interface Asked {
  step:
    | { kind: 'totp'; challenge: string }
    | { kind: 'enrolment'; challenge: string; setup: Setup }
    | { kind: 'passkey_offer'; challenge: string }
    | { kind: 'visitor'; challenge: string; new: readonly string[]; kept: readonly string[] }
    | { kind: 'recovery_codes'; challenge: string; recoveryCodes: readonly string[] }
}

/** What an authenticator is set up with: scanned, or typed letter by letter. */
export interface Setup {
  secret: string
  uri: string
  qr: Drawing
}

/** A QR code: one path of dark squares, `size` squares wide and high, without a margin. */
export interface Drawing {
  size: number
  path: string
}

export interface Challenge {
  challenge: string
  email: string
}

interface Answers {
  context: Context
  'sign-in': Leave | Asked
  'steps/totp': Leave | Asked
  'steps/recovery': Leave | Asked
  'steps/enrolment': Asked
  'steps/recovery-codes': Leave | Asked
  'steps/passkey/options': Ceremony
  'steps/passkey': Leave | Asked
  'steps/passkey/skip': Leave | Asked
  'passkey/options': Ceremony
  passkey: Leave | Asked
  'sign-up': Challenge
  'sign-up/verify': Leave | Asked
  'sign-up/resend': { challenge: string }
  'password/forgot': Challenge
  'password/reset': { changed: boolean }
  continue: Leave
  'sign-out': Leave
  visit: Leave
  'visit/erase': { erased: boolean }
  'visit/upgrade': Challenge
  'visit/resend': { challenge: string }
  'visit/confirm': Leave | Asked
  'steps/visitor': Leave | Asked
  sso: Leave
  'sso/route': { provider: Offer | null }
  'sso/finish': Leave | Asked | Unlinked
  'sso/link': { linked: string }
}

export async function ask<Step extends keyof Answers>(
  step: Step,
  request: AuthRequest,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<Answers[Step]> {
  const offer = LAST.has(step) && wantsOffer() ? { passkeyOffer: true } : {}
  const sent = { ...fields, ...offer, request }
  return (await exchange('POST', `/api/v1/login/${step}`, { 'X-SecureFlows': '1' }, sent)) as Answers[Step]
}

/** Takes what a visitor has along into the account that is signing in; it opens, so it stands apart. */
export async function copyVisit(request: AuthRequest, challenge: string): Promise<void> {
  await exchange('POST', '/api/v1/sessions/copies', { 'X-SecureFlows': '1' }, { challenge, request })
}

/** Steps after which somebody may be in, and be offered a passkey before. */
const LAST = new Set<string>(['sign-in', 'sign-up/verify', 'steps/totp', 'steps/recovery', 'visit/confirm', 'steps/visitor'])

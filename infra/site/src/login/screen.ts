// The screens of the login: which there are, and what each is given.

import type { Asked, AuthRequest, Context, Leave, Offer } from './api'

export type Screen =
  | { at: 'continue' }
  | { at: 'email'; email: string; banner?: string; emergency?: boolean }
  | { at: 'password'; email: string; said?: string }
  | { at: 'reset'; email: string; challenge: string }
  | { at: 'visit' }
  /** `keep` adds the account to what a visitor has. */
  | { at: 'sign-up'; email: string; banner?: string; keep?: boolean }
  | { at: 'code'; email: string; challenge: string; keep?: boolean }
  | ({ at: 'step'; email: string } & Asked)
  | { at: 'sso'; email: string; provider: Offer }
  | { at: 'finish' }
  | { at: 'leaving'; redirectTo: string }

/** What every screen is given. */
export interface ScreenProps {
  request: AuthRequest
  context: Context
  go: (screen: Screen) => void
}

/** The screen that an answer leads to: away, or to the step that is asked. */
export function onward(answer: Leave | Asked, email: string): Screen {
  if ('redirectTo' in answer) return { at: 'leaving', ...answer }
  return { at: 'step', email, ...answer }
}

/** Marks the field that a screen opens on. */
export const first = { 'data-first': '' }

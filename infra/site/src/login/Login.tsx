// Decides which screen of the hosted login is shown; each screen says what comes next.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { blocksCookies } from '../talk/cookies'
import { paint } from '../ui/AppTile'
import { type AuthRequest, ask, type Context, Refusal } from './api'
import type { Screen } from './screen'
import { CodeScreen } from './screens/Code'
import { ContinueScreen } from './screens/Continue'
import { EmailScreen } from './screens/Email'
import { LeavingScreen, OpeningScreen } from './screens/Leaving'
import { PasswordScreen } from './screens/Password'
import { ResetScreen } from './screens/Reset'
import { SignUpScreen } from './screens/SignUp'
import { FinishScreen, SsoScreen, toldOf } from './screens/Sso'
import { SignOutScreen } from './screens/SignOut'
import { StepScreen } from './screens/Step'
import { CookiesScreen, RefusedScreen, TroubleScreen } from './screens/Trouble'
import { VisitScreen } from './screens/Visit'

export function Login({ request }: { request: AuthRequest }) {
  const [context, setContext] = useState<Context | null>(null)
  const [screen, setScreen] = useState<Screen>({ at: 'email', email: '' })
  const [trouble, setTrouble] = useState<unknown>(null)
  const links = useRef(false)
  const refused = request.error !== undefined
  const leaves = request.sign_out !== undefined
  // Elsewhere a sign-in leads on all the same; these pages know nobody without it.
  const comesBack = request.client_id === 'dashboard' || request.device !== undefined
  const blocked = useMemo(() => comesBack && blocksCookies(), [])

  const open = () => {
    setTrouble(null)
    ask('context', request).then((found) => {
      paint(found.application.appId, found.application.color)
      setScreen(firstScreen(found, request.sso))
      setContext(found)
    }, setTrouble)
  }
  useEffect(() => {
    if (!refused && !leaves && !blocked) open()
  }, [])

  if (refused) return <RefusedScreen code={request.error ?? ''} request={request.request_id ?? ''} />
  if (leaves) return <SignOutScreen request={request} />
  if (blocked) return <CookiesScreen />
  if (trouble) return <TroubleScreen refusal={trouble instanceof Refusal ? trouble : null} retry={open} />
  if (!context) return <OpeningScreen />

  const go = (next: Screen) => {
    if (next.at !== 'leaving' || !links.current) return setScreen(next)
    links.current = false
    // Whoever is not linked now is in all the same, and is asked again the next time.
    void ask('sso/link', request).catch(() => undefined).then(() => setScreen(next))
  }
  const given = { request, context, go }
  switch (screen.at) {
    case 'continue':
      return <ContinueScreen {...given} />
    case 'email':
      return <EmailScreen key={screen.emergency ? 1 : 0} {...given} screen={screen} />
    case 'password':
      return <PasswordScreen {...given} screen={screen} />
    case 'reset':
      return <ResetScreen {...given} screen={screen} />
    case 'visit':
      return <VisitScreen {...given} />
    case 'sign-up':
      return <SignUpScreen {...given} screen={screen} />
    case 'code':
      return <CodeScreen {...given} screen={screen} />
    case 'step':
      return <StepScreen {...given} screen={screen} />
    case 'sso':
      return <SsoScreen {...given} screen={screen} />
    case 'finish':
      return <FinishScreen {...given} link={() => (links.current = true)} />
    case 'leaving':
      return <LeavingScreen {...given} screen={screen} />
  }
}

function firstScreen(context: Context, outcome: string | undefined): Screen {
  if (outcome === 'back') return { at: 'finish' }
  const banner = toldOf(outcome)
  if (banner !== '') return { at: 'email', email: context.loginHint ?? '', banner }
  const { person, prompt, loginHint, signUp, invited, visit, requiresSso, routes } = context
  const creates = prompt === 'create' && signUp
  if (person && prompt !== 'login' && !creates) return { at: 'continue' }
  const keep = visit === 'continued' || visit === 'kept'
  if (creates) return { at: 'sign-up', email: loginHint ?? '', keep }
  if (visit === 'continued' || (keep && signUp)) return { at: 'visit' }
  if (invited && signUp && !person) return { at: 'sign-up', email: invited }
  const known = loginHint ?? person?.email ?? ''
  // Where domains lead to providers, an address is asked about before a password is.
  return known === '' || requiresSso || routes ? { at: 'email', email: known } : { at: 'password', email: known }
}

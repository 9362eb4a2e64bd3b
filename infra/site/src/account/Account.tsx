// The person's own account: opens it, or says what is in the way.
import { useEffect, useMemo, useState } from 'preact/hooks'
import { arrived, blocksCookies, wasSent } from '../talk/cookies'
import { Refusal } from '../talk/exchange'
import { type Device, type Erased, type Factors, type Grant, loginOf, type Passkey, type Provider, type Self, type SignIn, Way } from './api'
import { type Fresh, Prove } from './Prove'
import { Notice, Shell } from './Shell'
import { Grants } from './sections/Grants'
import { Leaving } from './sections/Leaving'
import { Passkeys } from './sections/Passkeys'
import { Password } from './sections/Password'
import { Profile } from './sections/Profile'
import { Providers } from './sections/Providers'
import { SignIns } from './sections/SignIns'
import { Summary } from './sections/Summary'
import { TwoStep } from './sections/TwoStep'
import { day } from './when'
import { words } from './words'

interface Known {
  self: Self
  factors: Factors
  passkeys: Passkey[]
  providers: Provider[]
  signIns: SignIn[]
  grants: Grant[]
  devices: Device[]
}

export function Account({ workspace }: { workspace: string }) {
  const way = useMemo(() => new Way(workspace), [workspace])
  const blocked = useMemo(blocksCookies, [])
  const [known, setKnown] = useState<Known | null>(null)
  const [trouble, setTrouble] = useState<unknown>(null)
  const [said, setSaid] = useState('')
  const [lost, setLost] = useState(false)
  const [left, setLeft] = useState(false)
  const [erased, setErased] = useState<Erased | null>(null)
  const [settle, setSettle] = useState<((proven: boolean) => void) | null>(null)

  const load = async () => {
    try {
      const [self, factors, { passkeys }, { identityProviders: providers }, { signIns }, { grants }, { devices }] = await Promise.all([
        way.ask('GET /self'),
        way.ask('GET /self/factors'),
        way.ask('GET /self/passkeys'),
        way.ask('GET /self/identity-providers'),
        way.ask('GET /self/sign-ins'),
        way.ask('GET /self/grants'),
        way.ask('GET /self/devices'),
      ])
      setKnown({ self, factors, passkeys, providers, signIns, grants, devices })
      setTrouble(null)
      arrived()
    } catch (error) {
      // Nothing is lost yet: whoever comes without a sign-in is led to one, and back.
      if (known !== null || !ended(error)) setTrouble(error)
      else if (wasSent()) setLost(true)
      else location.replace(loginOf(workspace, false))
    }
  }
  const signIn = (anew: boolean) => location.assign(loginOf(workspace, anew))
  useEffect(() => {
    document.title = words.tab
    if (workspace !== '' && !blocked) void load()
  }, [])

  const fresh: Fresh = async (work) => {
    try {
      return await work()
    } catch (error) {
      if (ended(error)) setTrouble(error)
      if (!(error instanceof Refusal) || error.code !== 'step_up_required') throw error
    }
    const proven = await new Promise<boolean>((resolve) => setSettle(() => resolve))
    setSettle(null)
    return proven ? await work() : null
  }
  const done = (text: string) => {
    setSaid(text)
    void load()
  }
  const again = () => {
    setTrouble(null)
    void load()
  }

  if (blocked) {
    return <Notice title={words.cookies} advice={words.cookiesAdvice(location.host)} act={() => location.reload()} />
  }
  if (erased) return <Notice good title={words.erased} advice={words.erasedAdvice(day(erased.keysGoneAt))} />
  if (left) return <Notice good title={words.left} advice={words.leftAdvice} says={words.signIn} act={() => signIn(false)} />
  if (workspace === '') return <Notice title={words.noWorkspace} advice={words.noWorkspaceAdvice} />
  if (lost) return <Notice title={words.notKept} advice={words.notKeptAdvice} says={words.signIn} act={() => signIn(false)} />
  if (ended(trouble)) {
    return <Notice title={words.signedOut} advice={words.signedOutAdvice} says={words.signIn} act={() => signIn(false)} />
  }
  if (trouble !== null) {
    const refusal = trouble instanceof Refusal ? trouble : null
    if (refusal?.status === 404) return <Notice title={words.unknownWorkspace} advice={words.noWorkspaceAdvice} />
    const advice = refusal === null ? words.noConnection : refusal.status >= 500 ? words.unexpected : refusal.message
    const title = refusal === null ? words.unreachable : words.cannotOpen
    return <Notice title={title} advice={advice} request={refusal?.requestId ?? null} act={again} />
  }
  if (known === null) return <p class="opening">{words.opening}</p>

  const given = { way, fresh, done }
  return (
    <Shell self={known.self} said={said}>
      <Summary factors={known.factors} passkeys={known.passkeys} />
      <Profile {...given} self={known.self} />
      <Password {...given} self={known.self} factors={known.factors} />
      <Passkeys {...given} passkeys={known.passkeys} />
      <Providers {...given} providers={known.providers} />
      <TwoStep {...given} factors={known.factors} />
      <SignIns {...given} {...known} left={() => setLeft(true)} />
      <Grants {...given} grants={known.grants} signIns={known.signIns} />
      <Leaving {...given} self={known.self} erased={setErased} />
      {settle && <Prove way={way} known={known} settle={settle} again={() => signIn(true)} />}
    </Shell>
  )
}

function ended(error: unknown): boolean {
  return error instanceof Refusal && error.status === 401
}

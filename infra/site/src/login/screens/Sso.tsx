// Sign-in by a provider elsewhere: the way there, and what comes of it.
import { useEffect } from 'preact/hooks'
import { Declined } from '../../talk/ceremonies'
import { blocksCookies } from '../../talk/cookies'
import { Button, TextButton } from '../../ui/Button'
import { ask, type AuthRequest, type Context, type Offer } from '../api'
import { lastUsed, rememberUsed } from '../remembered'
import { first, onward, type Screen, type ScreenProps } from '../screen'
import { Sheet } from '../Sheet'
import { StepForm } from '../StepForm'
import { type Step, useStep } from '../useStep'
import { words } from '../words'

/** The provider that the domain of the typed address belongs to. */
export function SsoScreen({ request, context, go, screen }: ScreenProps & { screen: Extract<Screen, { at: 'sso' }> }) {
  const step = useStep()
  const { email, provider } = screen
  return (
    <Sheet
      title={words.signInTo(context.application.name)}
      lead={words.routed(provider.displayName)}
      tile={context.application.name}
      returnTo={context.returnTo}
      busy={step.busy}
    >
      <p class="who">
        <span>{email}</span>
        <button
          class="text-button"
          type="button"
          aria-label={words.changeEmailLabel}
          onClick={() => go({ at: 'email', email })}
        >
          {words.changeEmail}
        </button>
      </p>
      <StepForm step={step} onSubmit={() => leave(step, request, context, provider, email)}>
        <Button busy={step.busy} blocked={step.wait > 0} {...first}>
          {words.continueWith(provider.displayName)}
        </Button>
      </StepForm>
      {!context.requiresSso && (
        <p class="switch">
          <TextButton onClick={() => go({ at: 'password', email })}>{words.passwordInstead}</TextButton>
        </p>
      )}
    </Sheet>
  )
}

interface Row {
  step: Step
  request: AuthRequest
  context: Context
  /** Whether nothing stands above it, or the passkey's button, which has its own "or". */
  isFirst: boolean
}

/** The providers of the workspace, in a row below the address. */
export function Providers({ step, request, context, isFirst }: Row) {
  const offers = context.providers
  if (offers.length === 0) return null
  const last = lastUsed(context.workspace.name)
  return (
    <>
      {!isFirst && (
        <p class="or" aria-hidden="true">
          {words.or}
        </p>
      )}
      <div class="providers" role="group" aria-label={words.providers}>
        {offers.map((offer) => (
          <button
            key={offer.name}
            class="button line"
            type="button"
            aria-label={labelled(offer, last === way(offer))}
            aria-disabled={step.busy ? 'true' : undefined}
            onClick={() => leave(step, request, context, offer)}
          >
            {offer.displayName}{' '}
            {last === way(offer) && <span class="tag">{words.lastUsed}</span>}
          </button>
        ))}
      </div>
    </>
  )
}

/** The browser is back with the provider's word; the platform says what it is worth. */
export function FinishScreen({ request, context, go, link }: ScreenProps & { link: () => void }) {
  const step = useStep()
  useEffect(() => {
    step.run(
      async () => {
        const answer = await ask('sso/finish', request)
        if ('unlinked' in answer) {
          const { email, displayName } = answer.unlinked
          link()
          go({ at: 'password', email, said: words.linkFirst(displayName) })
        } else {
          go(onward(answer, ''))
        }
      },
      (refusal) => {
        go({ at: 'email', email: '', banner: refusal.message })
        return {}
      },
    )
  }, [])
  return (
    <Sheet
      title={words.signingIn}
      lead={words.returning(context.returnTo)}
      tile={context.application.name}
      returnTo={context.returnTo}
      busy={step.busy}
    >
      <StepForm step={step} onSubmit={() => location.reload()}>
        {step.banner !== '' && <Button>{words.retry}</Button>}
      </StepForm>
    </Sheet>
  )
}

/** What is said of a way that led to nothing; nothing for one that did not, or that we do not know. */
export function toldOf(outcome: string | undefined): string {
  return (outcome !== undefined && Object.hasOwn(words.sso, outcome) && words.sso[outcome]) || ''
}

function labelled({ displayName }: Offer, isLast: boolean): string {
  const label = words.continueWith(displayName)
  return isLast ? `${label} ${words.lastUsed}` : label
}

function way(offer: Offer): `sso:${string}` {
  return `sso:${offer.name}`
}

function leave(step: Step, request: AuthRequest, { workspace }: Context, offer: Offer, email?: string): void {
  const begin = async () => {
    // Whoever comes back is known by one.
    if (blocksCookies()) throw new Declined()
    const { redirectTo } = await ask('sso', request, { provider: offer.name, ...(email && { email }) })
    rememberUsed(workspace.name, way(offer))
    // Whatever the platform answered, this page runs no code from an address.
    if (/^https?:$/.test(new URL(redirectTo, location.href).protocol)) location.assign(redirectTo)
  }
  step.aside(begin, undefined, words.cookiesNeeded)
}

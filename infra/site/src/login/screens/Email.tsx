// First step: who is it; a passkey that waits in the field's autofill says so by itself.
import { useEffect } from 'preact/hooks'
import { able } from '../../talk/ceremonies'
import { Button, TextButton } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { ask } from '../api'
import { enterByPasskey, PasskeyButton } from '../PasskeyButton'
import { stopWaiting } from '../passkey'
import { first, type Screen, type ScreenProps } from '../screen'
import { Sheet } from '../Sheet'
import { looksLikeEmail, StepForm } from '../StepForm'
import { useStep } from '../useStep'
import { words } from '../words'
import { Providers } from './Sso'
import { visit } from './Visit'

export function EmailScreen({ request, context, go, screen }: ScreenProps & { screen: Extract<Screen, { at: 'email' }> }) {
  const step = useStep(screen.banner)
  const isClosed = context.requiresSso && !screen.emergency
  const hasField = context.routes || !isClosed
  const given = { request, context, go, step, email: screen.email }
  useEffect(() => {
    if (able && !isClosed) enterByPasskey(given, true)
    return stopWaiting
  }, [])
  const submit = (read: (name: string) => string) => {
    const email = read('email').trim()
    if (!looksLikeEmail(email)) step.refuse({ email: words.emailNeeded })
    else if (!context.routes || screen.emergency) go({ at: 'password', email })
    else
      step.run(async () => {
        const { provider } = await ask('sso/route', request, { email })
        if (provider) go({ at: 'sso', email, provider })
        else if (isClosed) step.refuse({ email: words.noProvider })
        else go({ at: 'password', email })
      })
  }
  return (
    <Sheet
      title={words.signInTo(context.application.name)}
      lead={screen.emergency ? words.emergencyLead : words.sealed}
      tile={context.application.name}
      returnTo={context.returnTo}
      busy={step.busy}
    >
      <StepForm step={step} onSubmit={submit}>
        {hasField && (<>
        <Field
          name="email"
          label={words.email}
          error={step.errors.email}
          input={{
            type: 'email',
            autocomplete: able && !isClosed ? 'username webauthn' : 'username',
            inputMode: 'email',
            autocapitalize: 'none',
            spellcheck: false,
            defaultValue: screen.email,
            ...first,
          }}
        />
        <Button busy={step.busy} blocked={step.wait > 0}>
          {words.next}
        </Button>
        </>)}
        {!isClosed && <PasskeyButton {...given} />}
      </StepForm>
      {!screen.emergency && (
        <Providers
          step={step}
          request={request}
          context={context}
          isFirst={isClosed ? !hasField : able}
        />
      )}
      {isClosed && (
        <p class="switch">
          <TextButton onClick={() => go({ at: 'email', email: typed(), emergency: true })}>{words.emergency}</TextButton>
        </p>
      )}
      {context.visit === 'offered' && (
        <p class="switch">
          <TextButton onClick={() => visit(step, request, go)}>{words.withoutAccount}</TextButton>
        </p>
      )}
      {context.signUp && (
        <p class="switch">
          {words.newHere}{' '}
          <TextButton onClick={() => go({ at: 'sign-up', email: typed() })}>{words.createAccount}</TextButton>
        </p>
      )}
    </Sheet>
  )
}

function typed(): string {
  return document.querySelector<HTMLInputElement>('#email')?.value.trim() ?? ''
}

// After the password: a code of the authenticator, or one of those kept for the day it is lost.
import { useState } from 'preact/hooks'
import { Button, TextButton } from '../../ui/Button'
import { CodeField } from '../../ui/CodeField'
import { Field } from '../../ui/Field'
import { ask, type Refusal } from '../api'
import { first, onward, type ScreenProps } from '../screen'
import { Sheet } from '../Sheet'
import { StepForm } from '../StepForm'
import { useStep } from '../useStep'
import { words } from '../words'

type Props = ScreenProps & { email: string; challenge: string }

export function TotpScreen({ request, context, go, email, challenge }: Props) {
  const step = useStep()
  const [round, setRound] = useState(0)
  const [lost, setLost] = useState(false)

  const submit = (read: (name: string) => string) => {
    const code = read('code').trim()
    if (lost ? code === '' : code.length !== 6) {
      step.refuse({ code: lost ? words.recoveryNeeded : words.totpNeeded })
      return
    }
    const way = lost ? 'steps/recovery' : 'steps/totp'
    step.run(async () => go(onward(await ask(way, request, { challenge, code }), email)), refused)
  }
  const refused = (refusal: Refusal) => {
    if (refusal.status === 410) go({ at: 'email', email, banner: words.stepEnded })
    if (refusal.code !== 'signin_refused') return undefined
    setRound((last) => last + 1)
    return { errors: { code: words.codeWrong(refusal.triesLeft) } }
  }
  const swap = () => {
    setLost(!lost)
    step.refuse({})
  }

  return (
    <Sheet
      title={lost ? words.recoveryTitle : words.totpTitle}
      lead={lost ? words.recoveryLead : words.totpLead}
      tile={context.application.name}
      returnTo={context.returnTo}
      busy={step.busy}
    >
      <StepForm step={step} onSubmit={submit}>
        {lost ? (
          <Field
            name="code"
            label={words.recoveryLabel}
            error={step.errors.code}
            input={{ type: 'text', autocomplete: 'off', autocapitalize: 'none', spellcheck: false, maxLength: 32, ...first }}
          />
        ) : (
          <CodeField label={words.codeLabel} error={step.errors.code} round={round} />
        )}
        <Button busy={step.busy} blocked={step.wait > 0}>
          {words.signIn}
        </Button>
      </StepForm>
      <p class="switch">
        <TextButton onClick={swap}>{lost ? words.useTotp : words.useRecovery}</TextButton>
        <span class="dot" aria-hidden="true">
          ·
        </span>
        <TextButton onClick={() => go({ at: 'email', email })}>{words.startAgain}</TextButton>
      </p>
    </Sheet>
  )
}

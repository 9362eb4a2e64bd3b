// An authenticator that has to be set up before this person gets in.
import { useState } from 'preact/hooks'
import { Button, TextButton } from '../../ui/Button'
import { CodeField } from '../../ui/CodeField'
import { CopyButton } from '../../ui/CopyButton'
import { QrCode } from '../../ui/QrCode'
import { ask, type Refusal, type Setup } from '../api'
import { onward, type ScreenProps } from '../screen'
import { Sheet } from '../Sheet'
import { StepForm } from '../StepForm'
import { useStep } from '../useStep'
import { words } from '../words'

type Props = ScreenProps & { email: string; challenge: string; setup: Setup }

export function EnrolmentScreen({ request, context, go, email, challenge, setup }: Props) {
  const step = useStep()
  const [round, setRound] = useState(0)

  const submit = (read: (name: string) => string) => {
    const code = read('code')
    if (code.length !== 6) {
      step.refuse({ code: words.totpNeeded })
      return
    }
    step.run(async () => go(onward(await ask('steps/enrolment', request, { challenge, code }), email)), refused)
  }
  const refused = (refusal: Refusal) => {
    if (refusal.status === 410 || refusal.status === 409) go({ at: 'email', email, banner: words.stepEnded })
    if (refusal.code !== 'signin_refused') return undefined
    setRound((last) => last + 1)
    return { errors: { code: words.codeWrong(refusal.triesLeft) } }
  }

  return (
    <Sheet
      title={words.enrolTitle}
      lead={words.enrolLead}
      tile={context.application.name}
      returnTo={context.returnTo}
      busy={step.busy}
    >
      <QrCode {...setup.qr} label={words.qrLabel} />
      <details class="developer">
        <summary>{words.enrolByHand}</summary>
        <p class="secret">
          <code>{setup.secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
          <CopyButton text={setup.secret} label={words.copySecret} done={words.copied} />
        </p>
      </details>
      <StepForm step={step} onSubmit={submit}>
        <CodeField label={words.codeLabel} error={step.errors.code} round={round} />
        <Button busy={step.busy} blocked={step.wait > 0}>
          {words.enrol}
        </Button>
      </StepForm>
      <p class="switch">
        <TextButton onClick={() => go({ at: 'email', email })}>{words.startAgain}</TextButton>
      </p>
    </Sheet>
  )
}

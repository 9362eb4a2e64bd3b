// The end of a sign-up: the code from the message proves the address.
import { useState } from 'preact/hooks'
import { Button, TextButton } from '../../ui/Button'
import { CodeField } from '../../ui/CodeField'
import { ask, type Refusal } from '../api'
import { onward, type Screen, type ScreenProps } from '../screen'
import { Sheet } from '../Sheet'
import { StepForm } from '../StepForm'
import { useStep } from '../useStep'
import { words } from '../words'

type Props = ScreenProps & { screen: Extract<Screen, { at: 'code' }> }

export function CodeScreen({ request, context, go, screen: { email, challenge, keep = false } }: Props) {
  const step = useStep()
  const [round, setRound] = useState(0)
  const [resent, setResent] = useState(false)

  const submit = (read: (name: string) => string) => {
    const code = read('code')
    if (code.length !== 6) {
      step.refuse({ code: words.codeNeeded })
      return
    }
    setResent(false)
    step.run(
      async () => go(onward(await ask(keep ? 'visit/confirm' : 'sign-up/verify', request, { challenge, code }), email)),
      refused,
    )
  }
  const resend = () => {
    setResent(false)
    step.aside(async () => {
      const next = await ask(keep ? 'visit/resend' : 'sign-up/resend', request, { challenge })
      go({ at: 'code', email, challenge: next.challenge, keep })
      setRound((last) => last + 1)
      setResent(true)
    }, ended)
  }
  const refused = (refusal: Refusal) => {
    if (refusal.code !== 'signin_refused') return ended(refusal)
    setRound((last) => last + 1)
    return { errors: { code: words.codeWrong(refusal.triesLeft) } }
  }
  const ended = (refusal: Refusal) => {
    // What is over may be the code or the invitation.
    if (refusal.status === 410) go({ at: 'sign-up', email, keep, banner: refusal.message })
    if (keep && refusal.status === 401) return { banner: words.visitEnded }
    return undefined
  }

  return (
    <Sheet
      title={words.checkMail}
      lead={
        <>
          {words.codeSent} <b>{email}</b>.
        </>
      }
      tile={context.application.name}
      returnTo={context.returnTo}
      busy={step.busy}
    >
      <StepForm step={step} onSubmit={submit}>
        <CodeField label={words.codeLabel} error={step.errors.code} round={round} />
        <Button busy={step.busy} blocked={step.wait > 0}>
          {words.verify}
        </Button>
      </StepForm>
      <p class="said" role="status">
        {resent ? words.resent : ''}
      </p>
      <p class="switch">
        {words.noMessage}{' '}
        <TextButton onClick={resend}>{words.resend}</TextButton>
        <span class="dot" aria-hidden="true">
          ·
        </span>
        <TextButton onClick={() => go({ at: 'sign-up', email, keep })}>{words.startAgain}</TextButton>
      </p>
    </Sheet>
  )
}

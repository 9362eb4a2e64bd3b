// A forgotten password: the code from the message, and the password to be.
import { useState } from 'preact/hooks'
import { Button, TextButton } from '../../ui/Button'
import { CodeField } from '../../ui/CodeField'
import { ask, type Refusal } from '../api'
import { HiddenUsername } from '../HiddenUsername'
import { NewPassword, wrongPassword } from '../NewPassword'
import { Said } from '../Said'
import type { Screen, ScreenProps } from '../screen'
import { Sheet } from '../Sheet'
import { StepForm } from '../StepForm'
import { useStep } from '../useStep'
import { words } from '../words'

type Props = ScreenProps & { screen: Extract<Screen, { at: 'reset' }> }

export function ResetScreen({ request, context, go, screen: { email, challenge } }: Props) {
  const step = useStep()
  const [round, setRound] = useState(0)
  const [said, setSaid] = useState('')

  const submit = (read: (name: string) => string) => {
    const code = read('code')
    const password = read('password')
    const wrong = { ...(code.length === 6 ? {} : { code: words.codeNeeded }), ...wrongPassword(password) }
    if (Object.keys(wrong).length > 0) {
      step.refuse(wrong)
      return
    }
    setSaid('')
    step.run(async () => {
      await ask('password/reset', request, { challenge, code, password })
      go({ at: 'password', email, said: words.passwordChanged })
    }, refused)
  }
  const resend = () => {
    setSaid('')
    step.aside(async () => {
      go({ at: 'reset', ...(await ask('password/forgot', request, { email })) })
      setRound((last) => last + 1)
      setSaid(words.resent)
    })
  }
  const refused = (refusal: Refusal) => {
    if (refusal.status === 410) return { banner: words.resetEnded }
    if (refusal.code !== 'signin_refused') return undefined
    setRound((last) => last + 1)
    return { errors: { code: words.codeWrong(refusal.triesLeft) } }
  }

  return (
    <Sheet
      title={words.resetTitle}
      lead={
        <>
          {words.resetSent} <b>{email}</b>.
        </>
      }
      tile={context.application.name}
      returnTo={context.returnTo}
      busy={step.busy}
    >
      <StepForm step={step} onSubmit={submit}>
        <HiddenUsername email={email} />
        <CodeField label={words.codeLabel} error={step.errors.code} round={round} next="password" />
        <NewPassword label={words.newPassword} error={step.errors.password} />
        <Button busy={step.busy} blocked={step.wait > 0}>
          {words.changePassword}
        </Button>
      </StepForm>
      <Said text={said} />
      <p class="switch">
        {words.noMessage} <TextButton onClick={resend}>{words.resend}</TextButton>
        <span class="dot" aria-hidden="true">
          ·
        </span>
        <TextButton onClick={() => go({ at: 'password', email })}>{words.backToSignIn}</TextButton>
      </p>
    </Sheet>
  )
}

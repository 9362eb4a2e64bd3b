// Second step: the password of the address given.
import { Button, TextButton } from '../../ui/Button'
import { PasswordField } from '../../ui/PasswordField'
import { ask } from '../api'
import { HiddenUsername } from '../HiddenUsername'
import { PasskeyButton } from '../PasskeyButton'
import { rememberUsed } from '../remembered'
import { first, onward, type Screen, type ScreenProps } from '../screen'
import { Said } from '../Said'
import { Sheet } from '../Sheet'
import { StepForm } from '../StepForm'
import { useStep } from '../useStep'
import { words } from '../words'

type Props = ScreenProps & { screen: Extract<Screen, { at: 'password' }> }

export function PasswordScreen({ request, context, go, screen: { email, said } }: Props) {
  const step = useStep()
  const forgot = () =>
    step.aside(async () => go({ at: 'reset', ...(await ask('password/forgot', request, { email })) }))
  const submit = (read: (name: string) => string) => {
    const password = read('password')
    if (password === '') {
      step.refuse({ password: words.passwordNeeded })
      return
    }
    step.run(
      async () => {
        const found = await ask('sign-in', request, { email, password })
        rememberUsed(context.workspace.name, 'password')
        go(onward(found, email))
      },
      (refusal) =>
        refusal.code === 'signin_refused' ? { errors: { password: words.noMatch(refusal.triesLeft) } } : undefined,
    )
  }
  return (
    <Sheet
      title={words.signInTo(context.application.name)}
      lead={words.enterPassword}
      tile={context.application.name}
      returnTo={context.returnTo}
      busy={step.busy}
    >
      <Said text={said ?? ''} />
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
      <StepForm step={step} onSubmit={submit}>
        <HiddenUsername email={email} />
        <PasswordField
          name="password"
          label={words.password}
          error={step.errors.password}
          words={{ show: words.showPassword, hide: words.hidePassword, capsLock: words.capsLock }}
          input={{ autocomplete: 'current-password', ...first }}
        />
        <Button busy={step.busy} blocked={step.wait > 0}>
          {words.signIn}
        </Button>
        <PasskeyButton {...{ request, context, go, step, email }} />
      </StepForm>
      <p class="switch">
        <TextButton onClick={forgot}>{words.forgot}</TextButton>
      </p>
      {context.signUp && (
        <p class="switch">
          {words.newHere} <TextButton onClick={() => go({ at: 'sign-up', email })}>{words.createAccount}</TextButton>
        </p>
      )}
    </Sheet>
  )
}

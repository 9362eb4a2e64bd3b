// A new account: email and a password that is only asked to be long.
import { Button, TextButton } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { ask } from '../api'
import { NewPassword, wrongPassword } from '../NewPassword'
import { first, type Screen, type ScreenProps } from '../screen'
import { Sheet } from '../Sheet'
import { looksLikeEmail, StepForm } from '../StepForm'
import { useStep } from '../useStep'
import { words } from '../words'

type Props = ScreenProps & { screen: Extract<Screen, { at: 'sign-up' }> }

export function SignUpScreen({ request, context, go, screen }: Props) {
  const step = useStep(screen.banner)
  const keep = screen.keep === true
  const submit = (read: (name: string) => string) => {
    const name = read('name').trim()
    const email = read('email').trim()
    const password = read('password')
    const wrong = { ...wrongEmail(email), ...wrongPassword(password) }
    if (Object.keys(wrong).length > 0) {
      step.refuse(wrong)
      return
    }
    const fields = name === '' ? { email, password } : { email, password, name }
    step.run(
      async () => go({ at: 'code', keep, ...(await ask(keep ? 'visit/upgrade' : 'sign-up', request, fields)) }),
      (refusal) => (keep && refusal.status === 401 ? { banner: words.visitEnded } : undefined),
    )
  }
  return (
    <Sheet
      title={keep ? words.keepTitle : words.createTitle}
      lead={keep ? words.keepLead : words.createFor(context.application.name)}
      tile={context.application.name}
      returnTo={context.returnTo}
      busy={step.busy}
    >
      <StepForm step={step} onSubmit={submit}>
        <Field
          name="name"
          label={words.name}
          note={words.optional}
          error={step.errors.name}
          input={{ type: 'text', autocomplete: 'name', maxLength: 200, ...first }}
        />
        <Field
          name="email"
          label={words.email}
          error={step.errors.email}
          input={{
            type: 'email',
            autocomplete: 'username',
            inputMode: 'email',
            autocapitalize: 'none',
            spellcheck: false,
            required: true,
            defaultValue: screen.email,
            readOnly: context.invited !== null && screen.email === context.invited,
          }}
          below={screen.email !== '' && screen.email === context.invited && <p class="hint">{words.invitedFor}</p>}
        />
        <NewPassword label={words.password} error={step.errors.password} />
        <Button busy={step.busy} blocked={step.wait > 0}>
          {keep ? words.addAccount : words.create}
        </Button>
      </StepForm>
      <p class="switch">
        {words.haveAccount}{' '}
        <TextButton onClick={() => go({ at: 'email', email: screen.email })}>{words.signIn}</TextButton>
      </p>
    </Sheet>
  )
}

function wrongEmail(email: string): Record<string, string> {
  return looksLikeEmail(email) ? {} : { email: words.emailNeeded }
}

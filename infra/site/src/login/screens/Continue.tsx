// The returning person: one button, or another account.
import { Button } from '../../ui/Button'
import { ask } from '../api'
import { first, type ScreenProps } from '../screen'
import { PersonCard } from '../PersonCard'
import { Sheet } from '../Sheet'
import { StepForm } from '../StepForm'
import { useStep } from '../useStep'
import { words } from '../words'

export function ContinueScreen({ request, context, go }: ScreenProps) {
  const step = useStep()
  const name = context.person?.name ?? context.person?.email ?? ''
  const email = context.person?.email ?? ''
  const other = context.loginHint === email ? '' : (context.loginHint ?? '')
  const submit = () =>
    step.run(async () => {
      try {
        go({ at: 'leaving', ...(await ask('continue', request)) })
      } catch (error) {
        if ((error as { status?: number }).status !== 401) throw error
        go({ at: 'email', email, banner: words.endedEarlier })
      }
    })
  return (
    <Sheet
      title={words.continueTo(context.application.name)}
      lead={words.signedInAs}
      tile={context.application.name}
      returnTo={context.returnTo}
      busy={step.busy}
    >
      <PersonCard name={name} email={email} />
      <StepForm step={step} onSubmit={submit}>
        <Button busy={step.busy} blocked={step.wait > 0} {...first}>
          {words.continueAs(name)}
        </Button>
        <Button kind="line" type="button" onClick={() => go({ at: 'email', email: other })}>
          {words.anotherAccount}
        </Button>
      </StepForm>
    </Sheet>
  )
}

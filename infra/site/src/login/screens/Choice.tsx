// After the sign-in and before it stands: what becomes of what a visitor left in this browser.
import { Button } from '../../ui/Button'
import { ask, copyVisit, type Refusal } from '../api'
import { first, onward, type ScreenProps } from '../screen'
import { Sheet } from '../Sheet'
import { StepForm } from '../StepForm'
import { useStep } from '../useStep'
import { words } from '../words'

interface Props extends ScreenProps {
  email: string
  challenge: string
  fresh: readonly string[]
  kept: readonly string[]
}

export function ChoiceScreen({ request, context, go, email, challenge, fresh, kept }: Props) {
  const step = useStep()
  const settle = async () => go(onward(await ask('steps/visitor', request, { challenge }), email))
  const take = () =>
    step.run(async () => {
      await copyVisit(request, challenge)
      await settle()
    }, refused)
  const leave = () => step.run(settle, refused)
  const refused = (refusal: Refusal) => {
    if (refusal.status === 410) go({ at: 'email', email, banner: words.stepEnded })
    // What does not fit into the account stays where it is, and nothing was deleted.
    return refusal.status === 410 || refusal.status >= 500 ? undefined : { banner: words.notTaken }
  }
  return (
    <Sheet
      title={words.choiceTitle}
      lead={words.choiceLead}
      tile={context.application.name}
      returnTo={context.returnTo}
      busy={step.busy}
    >
      <dl class="choice">
        {fresh.length > 0 && (
          <div>
            <dt>{words.choiceNew}</dt>
            <dd>{fresh.join(', ')}</dd>
          </div>
        )}
        {kept.length > 0 && (
          <div>
            <dt>{words.choiceKept}</dt>
            <dd>{kept.join(', ')}</dd>
          </div>
        )}
      </dl>
      {fresh.length > 0 ? (
        <StepForm step={step} onSubmit={take}>
          <Button busy={step.busy} blocked={step.wait > 0} {...first}>
            {words.choiceTake}
          </Button>
          <Button kind="line" type="button" blocked={step.busy} onClick={leave}>
            {words.choiceLeave}
          </Button>
        </StepForm>
      ) : (
        <StepForm step={step} onSubmit={leave}>
          <Button busy={step.busy} blocked={step.wait > 0} {...first}>
            {words.choiceLeave}
          </Button>
          <Button kind="line" type="button" blocked={step.busy} onClick={take}>
            {words.choiceDelete}
          </Button>
        </StepForm>
      )}
    </Sheet>
  )
}

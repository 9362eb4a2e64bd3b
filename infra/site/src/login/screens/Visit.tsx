// Somebody without an account is back: go on as before, or add an account to what is there.
import { UserRound } from 'lucide'
import { useState } from 'preact/hooks'
import { Button, TextButton } from '../../ui/Button'
import { Icon } from '../../ui/Icon'
import { ask } from '../api'
import { first, type ScreenProps } from '../screen'
import { Sheet } from '../Sheet'
import { StepForm } from '../StepForm'
import { Declined } from '../../talk/ceremonies'
import { blocksCookies } from '../../talk/cookies'
import { type Step, useStep } from '../useStep'
import { words } from '../words'

/** The place that is no application: a person's own account, named like the workspace. */
const HOME = '_dashboard'

export function VisitScreen({ request, context, go }: ScreenProps) {
  const step = useStep()
  const goesOn = context.visit === 'continued'
  const [sure, setSure] = useState(false)
  const add = () => go({ at: 'sign-up', email: context.loginHint ?? '', keep: true })
  if (sure) {
    return (
      <Sheet key="sure" title={words.eraseVisitTitle} lead={words.eraseVisitLead} tile={context.application.name} busy={step.busy}>
        <StepForm step={step} onSubmit={() => erase(step, request)}>
          <Button kind="danger" busy={step.busy} blocked={step.wait > 0}>
            {words.eraseVisitSure}
          </Button>
          <Button kind="line" type="button" blocked={step.busy} onClick={() => setSure(false)} {...first}>
            {words.eraseVisitNot}
          </Button>
        </StepForm>
      </Sheet>
    )
  }
  return (
    <Sheet
      title={goesOn ? words.continueTo(context.application.name) : words.keepTitle}
      lead={goesOn ? words.visitLead : context.application.appId === HOME ? words.keepHome : words.keepNeeded(context.application.name)}
      tile={context.application.name}
      returnTo={context.returnTo}
      busy={step.busy}
    >
      <div class="person">
        <span class="avatar" aria-hidden="true">
          <Icon of={UserRound} size={18} />
        </span>
        <p>
          <b>{words.visitor}</b>
          <span>{words.visitorOnly}</span>
        </p>
      </div>
      <StepForm step={step} onSubmit={() => (goesOn ? visit(step, request, go) : add())}>
        <Button busy={step.busy} blocked={step.wait > 0} {...first}>
          {goesOn ? words.continueVisit : words.addAccount}
        </Button>
        {goesOn && context.signUp && (
          <Button kind="line" type="button" blocked={step.busy} onClick={add}>
            {words.addAccount}
          </Button>
        )}
      </StepForm>
      <p class="switch">
        <TextButton onClick={() => setSure(true)}>{words.eraseVisit}</TextButton>
      </p>
      <p class="switch">
        {words.haveAccount}{' '}
        <TextButton onClick={() => go({ at: 'email', email: context.loginHint ?? '' })}>{words.signIn}</TextButton>
      </p>
    </Sheet>
  )
}

/** Deletes what the visitor has everywhere; the page begins anew then, as for anybody. */
function erase(step: Step, request: ScreenProps['request']): void {
  step.run(async () => {
    await ask('visit/erase', request)
    location.reload()
  })
}

/** Goes on without an account, as the visitor of before or as a new one. */
export function visit(step: Step, request: ScreenProps['request'], go: ScreenProps['go']): void {
  const enter = async () => {
    // Whoever is known by nothing but a cookie would lose all at once.
    if (blocksCookies()) throw new Declined()
    go({ at: 'leaving', ...(await ask('visit', request)) })
  }
  step.run(enter, undefined, words.cookiesNeeded)
}

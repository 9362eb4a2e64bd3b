// An application sent the browser to be signed out: asked first, as any page can send it here.
import { LogOut } from 'lucide'
import { useState } from 'preact/hooks'
import { Button } from '../../ui/Button'
import { type AuthRequest, ask } from '../api'
import { first } from '../screen'
import { Sheet } from '../Sheet'
import { StepForm } from '../StepForm'
import { useStep } from '../useStep'
import { words } from '../words'
import { leadsAway } from './Leaving'
import { RefusedScreen } from './Trouble'

export function SignOutScreen({ request }: { request: AuthRequest }) {
  const step = useStep()
  const [stays, setStays] = useState(false)
  const [odd, setOdd] = useState(false)
  const workspace = request.workspace_name ?? ''
  const submit = () =>
    step.run(async () => {
      const { redirectTo } = await ask('sign-out', request)
      if (leadsAway(redirectTo)) location.replace(redirectTo)
      else setOdd(true)
    })
  if (odd) return <RefusedScreen code="invalid_request" />
  if (stays) return <Sheet title={words.staySignedIn} lead={words.stayedSignedIn} sign={LogOut} />
  return (
    <Sheet title={words.signOutOf(workspace)} lead={words.signOutMeans} sign={LogOut} busy={step.busy}>
      <StepForm step={step} onSubmit={submit}>
        <Button busy={step.busy} blocked={step.wait > 0} {...first}>
          {words.signOut}
        </Button>
        <Button kind="line" type="button" onClick={() => setStays(true)}>
          {words.stay}
        </Button>
      </StepForm>
    </Sheet>
  )
}

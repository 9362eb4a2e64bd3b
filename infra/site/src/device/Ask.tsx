// The question: which application, on which device, as whom; nothing is given before the answer.
import { TriangleAlert } from 'lucide'
import { PersonCard } from '../login/PersonCard'
import { Sheet } from '../login/Sheet'
import { StepForm } from '../login/StepForm'
import { useStep } from '../login/useStep'
import { Button, TextButton } from '../ui/Button'
import { Icon } from '../ui/Icon'
import { tell, type Waiting } from './api'
import { words } from './words'

interface Props {
  workspace: string
  waiting: Waiting
  decided: (approved: boolean) => void
  over: () => void
  signedOut: () => void
}

export function AskScreen({ workspace, waiting, decided, over, signedOut }: Props) {
  const step = useStep()
  const { application, asked, device, person, userCode } = waiting
  const name = person?.name ?? person?.email ?? ''

  const signIn = (more: Readonly<Record<string, string>> = {}) => {
    const query = { workspace_name: workspace, device, user_code: userCode, ...more }
    location.assign(`/app/sessions/login?${new URLSearchParams(query)}`)
  }
  const decide = (approve: boolean) =>
    step.run(
      async () => decided((await tell('decide', { workspaceName: workspace, device, userCode, approve })).approved),
      ({ status }) => {
        if (status === 404) over()
        if (status !== 401) return undefined
        signedOut()
        return { banner: words.signInEnded }
      },
    )

  return (
    <Sheet
      title={words.askTitle(application.name)}
      lead={words.askLead(waiting.workspace.name)}
      tile={application.name}
      busy={step.busy}
    >
      <dl class="facts" aria-label={words.facts}>
        <dt>{words.code}</dt>
        <dd class="shown">{userCode}</dd>
        <dt>{words.askedBy}</dt>
        <dd>{asked.program}</dd>
        <dt>{words.askedFrom}</dt>
        <dd>{asked.network === null ? words.noNetwork : words.network(asked.network)}</dd>
        <dt>{words.askedAt}</dt>
        <dd>{ago(asked.at)}</dd>
      </dl>
      <p class="caution">
        <Icon of={TriangleAlert} />
        {words.warning}
      </p>
      {person && <PersonCard name={name} email={person.email ?? ''} />}
      <StepForm step={step} onSubmit={() => (person ? decide(true) : signIn())}>
        <Button busy={step.busy} blocked={step.wait > 0}>
          {person ? words.letIn(name) : words.signIn}
        </Button>
        {person && (
          <Button kind="line" type="button" blocked={step.busy} onClick={() => decide(false)}>
            {words.refuse}
          </Button>
        )}
      </StepForm>
      {person && (
        <p class="switch">
          <TextButton onClick={() => signIn({ prompt: 'login' })}>{words.anotherAccount}</TextButton>
        </p>
      )}
    </Sheet>
  )
}

/** A clock that differs from ours never makes it later than now. */
function ago(at: number): string {
  const minutes = Math.floor((Date.now() / 1000 - at) / 60)
  return minutes < 1 ? words.justNow : words.minutesAgo(minutes)
}

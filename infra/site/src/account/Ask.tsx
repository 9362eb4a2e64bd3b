// A dialog that asks before it acts.
import { StepForm } from '../login/StepForm'
import { type Outcome, useStep } from '../login/useStep'
import type { Refusal } from '../talk/exchange'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { words } from './words'

interface Props {
  title: string
  lead: string
  action: string
  danger?: boolean
  act: () => Promise<void>
  onRefusal?: (refusal: Refusal) => Outcome | undefined
  onClose: () => void
}

export function Ask({ title, lead, action, danger = false, act, onRefusal, onClose }: Props) {
  const step = useStep()
  return (
    <Dialog title={title} lead={lead} busy={step.busy} onCancel={onClose}>
      <StepForm step={step} onSubmit={() => step.run(act, onRefusal)}>
        <Choice busy={step.busy} blocked={step.wait > 0} danger={danger} action={action} onClose={onClose} />
      </StepForm>
    </Dialog>
  )
}

interface ChoiceProps {
  action: string
  busy: boolean
  blocked: boolean
  danger?: boolean
  /** The dialog opens on the button that goes on. */
  first?: boolean
  onClose: () => void
}

/** The foot of a dialog: out of it, or on. */
export function Choice({ action, busy, blocked, danger = false, first = false, onClose }: ChoiceProps) {
  return (
    <div class="choice">
      <Button kind="line" type="button" onClick={onClose}>
        {words.cancel}
      </Button>
      <Button kind={danger ? 'danger' : 'ink'} busy={busy} blocked={blocked} {...(first && { 'data-first': '' })}>
        {action}
      </Button>
    </div>
  )
}

// The account deleted for good, by who types its address and proves who it is.
import { useState } from 'preact/hooks'
import { StepForm } from '../../login/StepForm'
import { useStep } from '../../login/useStep'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { Field } from '../../ui/Field'
import type { Erased, Self } from '../api'
import { Choice } from '../Ask'
import { Card } from '../Card'
import type { SectionProps } from '../given'
import { words } from '../words'

interface Props extends SectionProps {
  self: Self
  /** There is no account any more. */
  erased: (certificate: Erased) => void
}

export function Leaving(props: Props) {
  const [open, setOpen] = useState(false)
  return (
    <Card
      title={words.leaving}
      about={words.leavingAbout}
      actions={
        <Button kind="line" type="button" onClick={() => setOpen(true)}>
          {words.leave}
        </Button>
      }
    >
      {open && <Sure {...props} onClose={() => setOpen(false)} />}
    </Card>
  )
}

function Sure({ way, fresh, self, erased, onClose }: Props & { onClose: () => void }) {
  const step = useStep()
  const submit = (read: (name: string) => string) => {
    const typed = read('address').trim().toLowerCase()
    if (typed === self.email.toLowerCase()) step.run(leave, (refusal) => ({ banner: refusal.message }))
    else step.refuse({ address: words.leaveTyped(self.email) })
  }
  const leave = async () => {
    const certificate = await fresh(() => way.ask('DELETE /self'))
    if (certificate !== null) erased(certificate)
  }
  return (
    <Dialog title={words.leaveSure} lead={words.leaveMeans} busy={step.busy} onCancel={onClose}>
      <ul class="goes">
        {words.leaveTakes.map((what) => (
          <li key={what}>{what}</li>
        ))}
      </ul>
      <StepForm step={step} onSubmit={submit}>
        <Field
          name="address"
          label={words.leaveType(self.email)}
          error={step.errors.address}
          input={{
            type: 'text',
            inputMode: 'email',
            autocomplete: 'off',
            autocapitalize: 'none',
            spellcheck: false,
            'data-first': '',
          } as object}
        />
        <Choice danger action={words.leaveForGood} busy={step.busy} blocked={step.wait > 0} onClose={onClose} />
      </StepForm>
    </Dialog>
  )
}

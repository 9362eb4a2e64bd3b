// The code that the device shows; one that came with the address is still confirmed by hand.
import { MonitorSmartphone } from 'lucide'
import { Sheet } from '../login/Sheet'
import { StepForm } from '../login/StepForm'
import { useStep } from '../login/useStep'
import { Button } from '../ui/Button'
import { Field } from '../ui/Field'
import { tell, type Waiting } from './api'
import { words } from './words'

const LETTERS = 8

export function TypeScreen({ workspace, code, found }: { workspace: string; code: string; found: (waiting: Waiting) => void }) {
  const step = useStep()
  const submit = (read: (name: string) => string) => {
    const userCode = read('code').trim()
    if (userCode.replace(/[\s-]/g, '').length !== LETTERS) {
      step.refuse({ code: words.codeNeeded })
      return
    }
    step.run(
      async () => found(await tell('look-up', { workspaceName: workspace, userCode })),
      ({ status }) => {
        if (status === 404) return { errors: { code: words.codeUnknown } }
        return status === 400 ? { errors: { code: words.codeNeeded } } : undefined
      },
    )
  }
  return (
    <Sheet title={words.typeTitle} lead={code ? words.checkLead : words.typeLead} sign={MonitorSmartphone} busy={step.busy}>
      <StepForm step={step} onSubmit={submit}>
        <Field
          name="code"
          label={words.code}
          error={step.errors.code}
          input={{ ...TYPED, defaultValue: code.slice(0, TYPED.maxLength) }}
        />
        <Button busy={step.busy} blocked={step.wait > 0}>
          {words.next}
        </Button>
      </StepForm>
      <p class="switch">{words.ownOnly}</p>
    </Sheet>
  )
}

const TYPED = {
  ...{ 'data-first': '' },
  type: 'text',
  maxLength: 20,
  autocomplete: 'off',
  autocapitalize: 'characters',
  spellcheck: false,
} as const

// What became of it.
import { Check, ShieldX } from 'lucide'
import { Sheet } from '../login/Sheet'
import { Button } from '../ui/Button'
import type { Waiting } from './api'
import { words } from './words'

export function DoneScreen({ waiting, approved }: { waiting: Waiting; approved: boolean }) {
  if (!approved) return <Sheet title={words.refusedTitle} lead={words.refusedLead} sign={ShieldX} />
  return <Sheet title={words.letInTitle} lead={words.letInLead(waiting.application.name)} sign={Check} />
}

export function OverScreen({ again }: { again: () => void }) {
  return (
    <Sheet title={words.overTitle} lead={words.overLead}>
      <Button type="button" onClick={again}>
        {words.typeAnother}
      </Button>
    </Sheet>
  )
}

// Things of one kind, one below the other: what each is, and what can be done with it.
import { type IconNode, Monitor, Smartphone } from 'lucide'
import type { ComponentChildren } from 'preact'
import { Button } from '../ui/Button'
import { Icon } from '../ui/Icon'
import { exactly } from './when'

export function Rows({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <ul class="rows" aria-label={label}>
      {children}
    </ul>
  )
}

interface Props {
  icon: IconNode
  title: string
  badge?: string | undefined
  about: string
  /** The time that `about` speaks of, in epoch seconds, if it is known. */
  at: number | null
  children?: ComponentChildren
}

export function Row({ icon, title, badge, about, at, children }: Props) {
  return (
    <li>
      <Icon of={icon} size={18} />
      <div>
        <p class="what">
          {title}
          {badge && <span class="badge good">{badge}</span>}
        </p>
        <p class="about" title={at === null ? undefined : exactly(at)}>
          {about}
        </p>
      </div>
      <div class="actions">{children}</div>
    </li>
  )
}

/** A button of one row: short to see, and to hear which row it is about. */
export function RowButton({ says, label, onClick }: { says: string; label: string; onClick: () => void }) {
  return (
    <Button kind="line" type="button" aria-label={label} onClick={onClick}>
      {says}
    </Button>
  )
}

/** The picture beside a browser: a telephone's, or a desk's. */
export function iconOf(agent: string) {
  return /iPhone|Android/.test(agent) ? Smartphone : Monitor
}

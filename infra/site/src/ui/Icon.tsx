// Draws a Lucide icon as SVG elements; it carries no meaning of its own, the words beside it do.
import type { IconNode } from 'lucide'
import { h } from 'preact'

export function Icon({ of, size = 16 }: { of: IconNode; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      {of.map(([tag, attributes]) => h(tag, attributes))}
    </svg>
  )
}

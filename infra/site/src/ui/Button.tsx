// The large button; while busy it stays focusable and says so, instead of being disabled.
import type { ComponentChildren } from 'preact'

interface Props {
  kind?: 'ink' | 'line' | 'danger'
  type?: 'submit' | 'button'
  busy?: boolean
  blocked?: boolean
  onClick?: () => void
  'data-first'?: string
  'aria-label'?: string
  children: ComponentChildren
}

export function Button({ kind = 'ink', type = 'submit', busy = false, blocked = false, onClick, children, ...rest }: Props) {
  const still = busy || blocked
  return (
    <button
      {...rest}
      class={`button ${kind}`}
      type={type}
      aria-disabled={still ? 'true' : undefined}
      aria-busy={busy ? 'true' : undefined}
      onClick={(event) => {
        if (still) event.preventDefault()
        else onClick?.()
      }}
    >
      {children}
    </button>
  )
}

export function TextButton({ onClick, children }: { onClick: () => void; children: ComponentChildren }) {
  return (
    <button class="text-button" type="button" onClick={onClick}>
      {children}
    </button>
  )
}

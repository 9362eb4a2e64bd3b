// A native modal dialog: the browser keeps the focus in it, and gives it back.
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

interface Props {
  title: string
  lead?: ComponentChildren
  busy?: boolean
  /** Escape was pressed. */
  onCancel: () => void
  children: ComponentChildren
}

export function Dialog({ title, lead, busy = false, onCancel, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const shown = dialog.current
    const before = document.activeElement
    // The code field takes the focus by itself; opening must not take it away again.
    const wanted = shown?.querySelector<HTMLElement>('[data-first]')
    shown?.showModal()
    wanted?.focus()
    return () => {
      shown?.close()
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      // A browser closes at the second Escape without asking, unless the key is taken.
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        onCancel()
      }}
      onClose={() => {
        if (!dialog.current?.isConnected) return
        dialog.current.showModal()
        onCancel()
      }}
      onCancel={(event) => {
        event.preventDefault()
        onCancel()
      }}
    >
      <div class={busy ? 'progress on' : 'progress'} aria-hidden="true" />
      <h2 id={heading}>{title}</h2>
      {lead && <p class="lead">{lead}</p>}
      {children}
    </dialog>
  )
}

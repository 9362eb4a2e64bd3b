// One part of the account: what it is, how it stands, and what can be done.
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface Props {
  title: string
  about?: ComponentChildren
  state?: ComponentChildren
  actions?: ComponentChildren
  children?: ComponentChildren
}

export function Card({ title, about, state, actions, children }: Props) {
  const heading = useId()
  return (
    <section class="card" aria-labelledby={heading}>
      <div class="card-head">
        <div>
          <h2 id={heading}>{title}</h2>
          {state}
          {about && <p class="about">{about}</p>}
        </div>
        {actions && <div class="actions">{actions}</div>}
      </div>
      {children}
    </section>
  )
}

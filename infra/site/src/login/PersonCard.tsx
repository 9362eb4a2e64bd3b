// Who the browser remembers.
export function PersonCard({ name, email }: { name: string; email: string }) {
  return (
    <div class="person">
      <span class="avatar" aria-hidden="true">
        {initials(name)}
      </span>
      <p>
        <b>{name}</b>
        {email !== name && <span>{email}</span>}
      </p>
    </div>
  )
}

function initials(name: string): string {
  const parts = name.split(/[\s@.]+/).filter(Boolean)
  return parts
    .slice(0, name.includes('@') ? 1 : 2)
    .map((part) => [...part][0]?.toUpperCase())
    .join('')
}

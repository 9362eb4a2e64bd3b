// Tells a password manager whose password this is; nobody else meets it.
export function HiddenUsername({ email }: { email: string }) {
  return (
    <input
      class="hidden-visually"
      type="email"
      name="username"
      autocomplete="username"
      value={email}
      readOnly
      tabIndex={-1}
      aria-hidden="true"
    />
  )
}

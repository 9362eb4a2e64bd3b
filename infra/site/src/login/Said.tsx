// A sentence that went well; it comes after the first render, when its live region exists.
import { useEffect, useState } from 'preact/hooks'

export function Said({ text }: { text: string }) {
  const [said, setSaid] = useState('')
  useEffect(() => setSaid(text), [text])
  return (
    <p class="said" role="status">
      {said}
    </p>
  )
}

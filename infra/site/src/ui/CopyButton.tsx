// Copies one short text and says that it did.
import { Check, Copy } from 'lucide'
import { useState } from 'preact/hooks'
import { Icon } from './Icon'

export function CopyButton({ text, label, done }: { text: string; label: string; done: string }) {
  const [copied, setCopied] = useState(false)
  return (
    <>
      <button
        class="copy"
        type="button"
        aria-label={label}
        onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true), () => setCopied(false))}
      >
        <Icon of={copied ? Check : Copy} size={14} />
      </button>
      <span class="hidden-visually" role="status">
        {copied ? done : ''}
      </span>
    </>
  )
}

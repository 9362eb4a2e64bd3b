// How well the account is protected, in one sentence.
import { ShieldAlert, ShieldCheck } from 'lucide'
import { Icon } from '../../ui/Icon'
import type { Factors, Passkey } from '../api'
import { words } from '../words'

const FEW = 3

export function Summary({ factors, passkeys }: { factors: Factors; passkeys: Passkey[] }) {
  const { well, title, why } = standing(factors, passkeys.length)
  return (
    <section class="card summary">
      <div class={well ? 'sign good' : 'sign'}>
        <Icon of={well ? ShieldCheck : ShieldAlert} size={20} />
      </div>
      <div>
        <h2>{title}</h2>
        <p class="about">{why}</p>
      </div>
    </section>
  )
}

function standing({ password, totp, recoveryCodesLeft: left }: Factors, passkeys: number) {
  if (totp !== null) {
    const few = left < FEW
    return { well: !few, title: few ? words.fewCodes : words.protectedWell, why: words.protectedByCodes(left) }
  }
  if (password) return { well: false, title: words.protectedLess, why: words.protectedLessWhy }
  if (passkeys > 0) return { well: true, title: words.protectedBare, why: words.protectedBareWhy }
  return { well: false, title: words.protectedElsewhere, why: words.protectedElsewhereWhy }
}

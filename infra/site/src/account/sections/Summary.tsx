// How well the account is protected, in one sentence.
import { ShieldAlert, ShieldCheck } from 'lucide'
import { Icon } from '../../ui/Icon'
import type { Factors } from '../api'
import { words } from '../words'

const FEW = 3

export function Summary({ factors }: { factors: Factors }) {
  const few = factors.totp !== null && factors.recoveryCodesLeft < FEW
  const well = factors.totp !== null && !few
  const title = well ? words.protectedWell : few ? words.fewCodes : words.protectedLess
  return (
    <section class="card summary">
      <div class={well ? 'sign good' : 'sign'}>
        <Icon of={well ? ShieldCheck : ShieldAlert} size={20} />
      </div>
      <div>
        <h2>{title}</h2>
        <p class="about">
          {factors.totp === null ? words.protectedLessWhy : words.protectedByCodes(factors.recoveryCodesLeft)}
        </p>
      </div>
    </section>
  )
}

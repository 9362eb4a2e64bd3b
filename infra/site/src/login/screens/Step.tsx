// What is asked after the first proof: each kind of step has a screen of its own.
import type { Screen, ScreenProps } from '../screen'
import { ChoiceScreen } from './Choice'
import { EnrolmentScreen } from './Enrolment'
import { PasskeyOfferScreen } from './PasskeyOffer'
import { RecoveryCodesScreen } from './RecoveryCodes'
import { TotpScreen } from './Totp'

export function StepScreen({ screen, ...given }: ScreenProps & { screen: Extract<Screen, { at: 'step' }> }) {
  const { email, step } = screen
  switch (step.kind) {
    case 'totp':
      return <TotpScreen {...given} email={email} challenge={step.challenge} />
    case 'passkey_offer':
      return <PasskeyOfferScreen {...given} email={email} offer={step.challenge} />
    case 'visitor':
      return <ChoiceScreen {...given} email={email} challenge={step.challenge} fresh={step.new} kept={step.kept} />
    case 'enrolment':
      return <EnrolmentScreen {...given} email={email} challenge={step.challenge} setup={step.setup} />
    case 'recovery_codes':
      return <RecoveryCodesScreen {...given} email={email} challenge={step.challenge} codes={step.recoveryCodes} />
  }
}

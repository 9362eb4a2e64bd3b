// Every sentence of the hosted login, in one place so that it can be translated.
export const LEAST = 15
export const MOST = 256

export const words = {
  product: 'secureFlows',
  title: (screen: string) => `${screen} · secureFlows`,

  opening: 'Opening the sign-in page…',
  noConnection: 'secureFlows could not be reached. Check your connection and try again.',
  offline: 'You are offline. Nothing is lost; go on when the connection is back.',
  unexpected: 'Something failed on our side. Try again in a moment.',

  signInTo: (application: string) => `Sign in to ${application}`,
  sealed: 'Your data stays sealed until you are in.',
  email: 'Email',
  emailNeeded: 'Enter an email address, like name@example.com.',
  next: 'Continue',
  newHere: 'New here?',
  createAccount: 'Create an account',

  enterPassword: 'Enter your password',
  password: 'Password',
  passwordNeeded: 'Enter your password.',
  showPassword: 'Show password',
  hidePassword: 'Hide password',
  capsLock: 'Caps Lock is on.',
  changeEmail: 'Change',
  changeEmailLabel: 'Change email',
  signIn: 'Sign in',
  noMatch: (left: number | undefined) => `That email and password do not match.${tries(left)}`,
  tooMany: 'Too many tries. Wait, then try again.',
  wait: (seconds: number) =>
    `You can try again in ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}.`,
  endedEarlier: 'Your earlier sign-in has ended. Sign in again.',

  or: 'or',
  usePasskey: 'Use a passkey',
  lastUsed: 'Last used',
  passkeyUnused: 'No passkey was used. Try again, or sign in with your password.',
  passkeyUnfit: 'That passkey does not work here. Choose another one, or sign in with your password.',
  passkeyLate: 'That took too long. Try again.',
  offerTitle: 'Sign in faster next time',
  offerLead: 'With a passkey you use your fingerprint, face or screen lock in place of a password.',
  makePasskey: 'Create a passkey',
  notNow: 'Not now',
  passkeyUnmade: 'No passkey was created. Try again, or go on without one.',
  passkeyRefused: 'That passkey could not be accepted. Try again, or go on without one.',

  forgot: 'Forgot password?',
  resetTitle: 'Choose a new password',
  resetSent: 'If somebody can sign in with it, a code is on its way to',
  newPassword: 'New password',
  changePassword: 'Change password',
  resetEnded: 'That code is no longer valid. Send another one.',
  passwordChanged: 'Your password was changed, and you were signed out everywhere. Sign in with the new one.',
  backToSignIn: 'Back to sign-in',

  totpTitle: 'Enter your code',
  totpLead: 'It is in your authenticator app.',
  totpNeeded: 'Enter the six digits that your authenticator shows.',
  useRecovery: 'Use a recovery code',
  recoveryTitle: 'Enter a recovery code',
  recoveryLead: 'One of those you kept when you set up the authenticator. Each works once.',
  recoveryLabel: 'Recovery code',
  recoveryNeeded: 'Enter one of your recovery codes.',
  useTotp: 'Use the authenticator',
  enrolTitle: 'Set up an authenticator',
  enrolLead: 'Everybody here signs in with a second factor. Scan this with an authenticator app, then type its code.',
  qrLabel: 'QR code for your authenticator app',
  enrolByHand: 'Type the key by hand',
  copySecret: 'Copy the key',
  enrol: 'Confirm code',
  codesTitle: 'Keep your recovery codes',
  codesLead: 'Each signs you in once if you lose the authenticator. They are shown only now.',
  codesLabel: 'Recovery codes',
  copyCodes: 'Copy all codes',
  codesKept: 'I have kept them',
  stepEnded: 'That took too long. Sign in again.',

  providers: 'Other ways to sign in',
  routed: (provider: string) => `People with this address sign in with ${provider}.`,
  continueWith: (provider: string) => `Continue with ${provider}`,
  noProvider: 'No provider here has an address like this. Check it, or ask whoever invited you.',
  emergency: 'Emergency sign-in',
  emergencyLead: 'For the few who are named to enter while the provider does not answer. All of them are told.',
  passwordInstead: 'Use a password instead',
  signingIn: 'Signing you in',
  linkFirst: (provider: string) =>
    `There is an account with this address. Sign in to it once, and from then on ${provider} signs you in.`,
  sso: {
    cancelled: 'You came back without signing in. Try again, or choose another way.',
    refused: 'What the provider answered could not be trusted. Try again; if that does not help, tell whoever runs it.',
    unavailable: 'The provider could not be reached. Try again in a moment, or choose another way.',
  } as Readonly<Record<string, string>>,

  continueTo: (application: string) => `Continue to ${application}`,
  signedInAs: 'You are signed in already.',
  continueAs: (name: string) => `Continue as ${name}`,
  anotherAccount: 'Use another account',

  createTitle: 'Create your account',
  createFor: (application: string) => `For ${application}. Your data is sealed under keys of your own.`,
  name: 'Name',
  optional: 'optional',
  newPasswordRule: `${LEAST} characters or more, and not a common one. A few plain words work well.`,
  newPasswordShort: (length: number) => `${length} of ${LEAST} characters.`,
  newPasswordLong: (length: number) => `${length} characters, long enough.`,
  newPasswordTooShort: `Use ${LEAST} characters or more.`,
  newPasswordTooLong: `Use at most ${MOST} characters.`,
  create: 'Create account',
  haveAccount: 'Have an account?',

  invitedTo: (place: string) => `You are invited to ${place}`,
  invitedAs: 'Make your account there with',
  openApplication: (place: string) => `Continue to ${place}`,
  openYourself: 'Open the application that you were invited to in this browser, and create your account there.',
  invitedFor: 'This is the address that was invited.',
  inviteOver: 'This invitation is over',
  inviteOverLead:
    'It was used, taken back, or has run out. If you made your account already, sign in at the application; else ask whoever invited you for another one.',

  checkMail: 'Check your email',
  codeSent: 'We sent a message to',
  codeLabel: 'Six-digit code',
  codeNeeded: 'Enter the six digits from the message.',
  codeWrong: (left: number | undefined) => `That is not the code.${tries(left)}`,
  codeEnded: 'That code is no longer valid. Start again to get a new one.',
  verify: 'Confirm email',
  noMessage: 'No message?',
  resend: 'Send another',
  resent: 'We sent another message. The newest code counts.',
  startAgain: 'Start again',

  leaving: 'You are signed in',
  returning: (host: string) => `Taking you back to ${host}.`,
  goBack: (host: string) => `Return to ${host}`,

  cannotContinue: 'This sign-in cannot continue',
  unreachable: 'secureFlows could not be reached',
  badRequest:
    'The application sent a request that does not fit its registration here. Go back to it and start again; if that does not help, its developer needs to know.',
  forDeveloper: 'For the developer',
  goBackToApplication: 'Go back to the application and start again from there.',
  requestId: 'Request',
  copyRequestId: 'Copy request id',
  copied: 'Copied.',
  retry: 'Try again',

  willReturn: 'You will return to',
  securedBy: 'Secured by secureFlows',
}

function tries(left: number | undefined): string {
  if (left === undefined) return ''
  if (left === 0) return ' No tries left.'
  return left === 1 ? ' 1 try left.' : ` ${left} tries left.`
}

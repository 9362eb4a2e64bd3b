// Every sentence of the hosted login, in one place so that it can be translated.
export const LEAST = 15
export const MOST = 256


/** What is said on the page that a person meets instead of a problem document. */
export interface Refused {
  title: string
  lead: string
  advice: string
  developer: string
}
const ASK_FOR_JSON = 'Ask for the same address with Accept: application/json: the answer names what is wrong.'

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
  passkeyUnused: 'No passkey was used. Try again, or sign in another way.',
  passkeyUnfit: 'That passkey does not work here. Choose another one, or sign in another way.',
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
    encrypted: 'The provider encrypts its answers, which is not read here. Ask whoever runs it to switch that off.',
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

  withoutAccount: 'Continue without an account',
  visitor: 'Visitor',
  visitorOnly: 'No account, in this browser only',
  visitLead: 'You are here without an account.',
  continueVisit: 'Continue as visitor',
  addAccount: 'Add an account',
  keepTitle: 'Keep your data',
  keepNeeded: (application: string) => `${application} wants you to have an account. Add one, and what you began stays yours.`,
  keepHome: 'You are here without an account. Add one, and what you began stays yours.',
  keepLead: 'Add an email and a password. Everything that you have here stays.',
  eraseVisit: 'Delete what I have here',
  eraseVisitTitle: 'Delete your data?',
  eraseVisitLead: 'Everything that you have here without an account, in every application. Nobody can bring it back.',
  eraseVisitSure: 'Delete it for good',
  eraseVisitNot: 'Keep it',
  visitEnded: 'This visit has ended. Create an account, or sign in.',
  choiceTitle: 'Keep what you began?',
  choiceLead: 'There is data in this browser from before you signed in.',
  choiceNew: 'Goes into your account',
  choiceKept: 'Is there already: your account keeps its own, and the other is deleted',
  choiceTake: 'Add it to my account',
  choiceDelete: 'Delete what I began here',
  choiceLeave: 'Leave it for now',
  notTaken: 'Not everything fits into your account. Nothing was deleted: leave it for now, and tell whoever runs the application.',

  invitedTo: (place: string) => `You are invited to ${place}`,
  invitedAs: 'Make your account there with',
  openApplication: (place: string) => `Continue to ${place}`,
  thenSignIn: (place: string) => `After that you sign in with it at ${place}.`,
  invitedFor: 'This is the address that was invited.',
  inviteOver: 'This invitation is over',
  inviteOverLead:
    'It was used, taken back, or has run out. If you made your account already, sign in at the application; else ask whoever invited you for another one.',

  checkMail: 'Check your email',
  codeSent: 'We sent a message to',
  codeLabel: 'Six-digit code',
  codeNeeded: 'Enter the six digits from the message.',
  codeWrong: (left: number | undefined) => `That is not the code.${tries(left)}`,
  verify: 'Confirm email',
  noMessage: 'No message?',
  resend: 'Send another',
  resent: 'We sent another message. The newest code counts.',
  startAgain: 'Start again',

  signOutOf: (workspace: string) => `Sign out of ${workspace}?`,
  signOutMeans: 'An application asks for it. This browser is signed out, and your data stays.',
  signOut: 'Sign out',
  stay: 'Stay signed in',
  staySignedIn: 'You are still signed in',
  stayedSignedIn: 'Nothing was ended. You can close this page.',
  leaving: 'You are signed in',
  returning: (host: string) => `Taking you back to ${host}.`,
  goBack: (host: string) => `Return to ${host}`,

  cannotContinue: 'This sign-in cannot continue',
  unreachable: 'secureFlows could not be reached',
  refused: {
    invalid_request: {
      title: 'This sign-in cannot continue',
      lead: 'The application sent a request that cannot be used here.',
      advice: 'Go back to it and start again. If that does not help, tell whoever runs it.',
      developer: ASK_FOR_JSON,
    },
    not_begun_here: {
      title: 'This sign-in cannot continue',
      lead: 'It was not begun in this browser, took too long, or was used before.',
      advice: 'Open the application and sign in from there. If you end up here each time, allow cookies for this site.',
      developer: 'Its state, RelayState or request_uri is unknown here, used or over. The application begins a sign-in, never the provider.',
    },
    not_found: {
      title: 'This address leads nowhere',
      lead: 'No application or provider that is known here belongs to it.',
      advice: 'Go back to where you came from and start again. If that does not help, tell whoever runs the application.',
      developer: 'The workspace or provider in the path, or the client_id, is unknown here.',
    },
    redirect_uri_not_registered: {
      title: 'This sign-in cannot continue',
      lead: 'It would end at an address that the application has not registered, so you were not sent there.',
      advice: 'Go back and start again. If that does not help, tell whoever runs the application.',
      developer: 'Register the redirect_uri just as it is sent: it is compared character by character.',
    },
    not_signed_out: {
      title: 'You are not signed out',
      lead: 'The link for signing out could not be used, so nothing was changed.',
      advice: 'Go back to the application and try again. Where others use this browser, delete its cookies before you leave.',
      developer: ASK_FOR_JSON,
    },
    temporarily_unavailable: {
      title: 'Something failed on our side',
      lead: 'Nothing that you keep here is lost.',
      advice: 'Go back and try again in a moment.',
      developer: '',
    },
    workspace_sealed: {
      title: 'Nobody can sign in at the moment',
      lead: 'This place is closed for now. What you keep here is intact.',
      advice: 'Try again later, or ask whoever runs the application.',
      developer: 'The workspace is sealed, or its key is not available.',
    },
  } as Readonly<Record<string, Refused>>,
  cookies: 'Your browser blocks cookies for this site',
  cookiesLead: 'Without them you cannot stay signed in here.',
  cookiesAdvice: (host: string) => `Allow cookies for ${host} in your browser's settings, then try again.`,
  cookiesNeeded: 'Your browser blocks cookies for this site, and this needs them. Allow them, then try again.',
  forDeveloper: 'For the developer',
  back: 'Go back',
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

// The device page's conversation with the platform: one POST per step, same origin, JSON both ways.
import { exchange } from '../talk/exchange'

/** What waits for a decision; `person` is who would make it, if somebody is signed in here. */
export interface Waiting {
  device: string
  userCode: string
  workspace: { name: string }
  application: { appId: string; name: string; color: string | null }
  asked: { at: number; program: string; network: string | null }
  person: { name: string | null; email: string | null } | null
}

interface Answers {
  'look-up': Waiting
  context: Waiting
  decide: { approved: boolean }
}

export async function tell<Step extends keyof Answers>(
  step: Step,
  body: Readonly<Record<string, string | boolean>>,
): Promise<Answers[Step]> {
  return (await exchange('POST', `/api/v1/login/device/${step}`, { 'X-SecureFlows': '1' }, body)) as Answers[Step]
}

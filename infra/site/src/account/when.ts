// Times as people say them; the exact one stands in the tooltip.
const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]
const said = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

export function day(seconds: number): string {
  return new Date(seconds * 1000).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })
}

export function ago(seconds: number): string {
  const age = Date.now() / 1000 - seconds
  const step = STEPS.find(([, length]) => age >= length)
  return step === undefined ? 'just now' : said.format(-Math.floor(age / step[1]), step[0])
}

export function exactly(seconds: number): string {
  return new Date(seconds * 1000).toUTCString()
}

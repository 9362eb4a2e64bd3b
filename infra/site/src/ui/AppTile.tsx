// The application's initial on its colour; the colour falls back to a hue made from its id.
export function AppTile({ name }: { name: string }) {
  return (
    <div class="tile" aria-hidden="true">
      {[...name.trim()][0]?.toUpperCase() ?? ''}
    </div>
  )
}

export function paint(appId: string, colour: string | null): void {
  const root = document.documentElement
  const own = colour !== null && /^#[0-9a-f]{6}$/i.test(colour)
  root.style.setProperty('--app', own ? colour : `oklch(0.54 0.13 ${hue(appId)})`)
  root.style.setProperty('--on-app', own && luminance(colour) > 0.3 ? '#151922' : '#ffffff')
}

function hue(id: string): number {
  let sum = 0
  for (const char of id) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) >>> 0
  return sum % 360
}

function luminance(hex: string): number {
  const channel = (at: number) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

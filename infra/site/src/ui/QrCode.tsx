// A QR code as one path; dark on white in every theme, or half of the cameras would not read it.
const MARGIN = 4

export function QrCode({ size, path, label }: { size: number; path: string; label: string }) {
  const whole = size + 2 * MARGIN
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`${-MARGIN} ${-MARGIN} ${whole} ${whole}`}>
      <rect x={-MARGIN} y={-MARGIN} width={whole} height={whole} />
      <path d={path} />
    </svg>
  )
}

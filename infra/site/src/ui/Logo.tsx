// The product's mark.
export function Logo({ size = 16 }: { size?: number }) {
  return (
    <svg class="logo" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <rect width="24" height="24" rx="6" />
      <path d="M16.4 8.6C15.9 7 14.3 6.1 12.1 6.1c-2.5 0-4.3 1.1-4.3 2.9 0 4 8.8 1.7 8.8 5.9 0 1.8-1.9 3-4.5 3-2.4 0-4.1-1-4.6-2.7" />
    </svg>
  )
}

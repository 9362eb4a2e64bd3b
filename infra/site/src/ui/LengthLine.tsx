// Says how long a new password is, and nothing about how clever it is.
interface Props {
  length: number
  least: number
  text: string
}

export function LengthLine({ length, least, text }: Props) {
  return (
    <div class={length >= least ? 'length enough' : 'length'}>
      <progress max={least} value={Math.min(length, least)} aria-hidden="true" />
      <p>{text}</p>
    </div>
  )
}

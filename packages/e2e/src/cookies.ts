import type { Answer } from './http.ts'

/** A cookie as an answer sets it. */
export interface SetCookie {
  readonly name: string
  readonly value: string
  /** `httponly`, `samesite=lax` and so on: in lower case, as they stand. */
  readonly attributes: readonly string[]
}

export function listSetCookies({ headers }: Answer): SetCookie[] {
  return headers.getSetCookie().map((line) => {
    const [pair = '', ...attributes] = line.split(/; */)
    const at = pair.indexOf('=')
    return {
      name: pair.slice(0, at),
      value: pair.slice(at + 1),
      attributes: attributes.map((attribute) => attribute.toLowerCase())
    }
  })
}

/** The one cookie of that name; an answer that sets none or several is a fault. */
export function getSetCookie(answer: Answer, name: string): SetCookie {
  const [cookie, ...others] = listSetCookies(answer).filter((each) => each.name === name)
  if (cookie === undefined || others.length > 0) throw new Error(`${others.length} cookies ${name} too many, or none`)
  return cookie
}

/** Whether a browser forgets the cookie at this answer. */
export function isCleared({ value, attributes }: SetCookie): boolean {
  const expires = attributes.find((attribute) => attribute.startsWith('expires='))?.slice('expires='.length)
  const hasEnded = attributes.includes('max-age=0') || (expires !== undefined && Date.parse(expires) <= Date.now())
  return value === '' && hasEnded
}

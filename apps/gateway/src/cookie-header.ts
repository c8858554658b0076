import { failField, ok, type Result } from '@latchkey/contracts/errors'

/** `undefined` if there is none; two of one name are refused, since nobody can say which one is meant. */
export function readCookie(header: string | undefined, name: string): Result<string | undefined, 'invalid_request'> {
  if (header === undefined) return ok(undefined)
  const values = header.split(';').flatMap((pair) => {
    const separator = pair.indexOf('=')
    // Browsers compare the prefixes without regard to case, so a look-alike is as bad as a second one.
    return pair.slice(0, separator).trim().toLowerCase() === name.toLowerCase() ? [pair.trim()] : []
  })
  const [only] = values
  if (only === undefined) return ok(undefined)
  if (values.length > 1 || !only.startsWith(`${name}=`)) {
    return failField('cookie', 'not_exactly_one', 'There is more than one session cookie')
  }
  return ok(only.slice(name.length + 1) || undefined)
}

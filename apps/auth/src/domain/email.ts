import { domainToASCII } from 'node:url'

const MAX_LENGTH = 254
const MAX_LOCAL_BYTES = 64
const MAX_LABEL_LENGTH = 63

/** RFC 5321 dot-atom without quoting; beyond ASCII letters, marks and numbers as of RFC 6531. */
const LOCAL = /^[\w!#$%&'*+/=?^`{|}~\p{L}\p{M}\p{N}-]+(\.[\w!#$%&'*+/=?^`{|}~\p{L}\p{M}\p{N}-]+)*$/u
/** What may be handed to `domainToASCII`, which would decode percent signs and take other full stops for dots. */
const DOMAIN = /^[\p{L}\p{M}\p{N}.-]+$/u
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/
const NUMERIC_LABEL = /^(\d+|0x[0-9a-f]*)$/

/**
 * The form by which an e-mail address is known: local part in lower case after NFC, domain in ASCII (IDNA).
 * Nothing is trimmed. `undefined` for what is not an address.
 */
export function canonicalizeEmail(entered: string): string | undefined {
  const at = entered.lastIndexOf('@')
  if (at < 1 || entered.length > MAX_LENGTH) return undefined
  const local = canonicalizeLocal(entered.slice(0, at))
  const domain = canonicalizeDomain(entered.slice(at + 1))
  if (local === undefined || domain === undefined) return undefined
  const canonical = `${local}@${domain}`
  return canonical.length > MAX_LENGTH ? undefined : canonical
}

function canonicalizeLocal(entered: string): string | undefined {
  const local = entered.normalize('NFC').toLowerCase().normalize('NFC')
  if (Buffer.byteLength(entered) > MAX_LOCAL_BYTES || Buffer.byteLength(local) > MAX_LOCAL_BYTES) return undefined
  return LOCAL.test(entered) && LOCAL.test(local) ? local : undefined
}

function canonicalizeDomain(entered: string): string | undefined {
  if (!DOMAIN.test(entered)) return undefined
  const domain = domainToASCII(entered)
  const labels = domain.split('.')
  if (labels.length < 2 || NUMERIC_LABEL.test(labels.at(-1) ?? '')) return undefined
  return labels.every((label) => label.length <= MAX_LABEL_LENGTH && LABEL.test(label)) ? domain : undefined
}

import Bowser from 'bowser'

const UNKNOWN = 'Unknown device'
const MAX_AGENT_LENGTH = 512
const MAX_NAME_LENGTH = 80
/** The first product of an agent that is no browser: `curl` of `curl/8.5.0`. */
const PRODUCT = /^[\x21-\x2e\x30-\x7e]{1,40}/

/** A user agent in words for people, `Chrome on macOS`: without versions, since browsers freeze those of the system. */
export function nameDevice(userAgent: string): string {
  const agent = userAgent.slice(0, MAX_AGENT_LENGTH).trim()
  // Bowser throws on an empty text.
  if (agent === '') return UNKNOWN
  const { browser, os } = Bowser.parse(agent)
  if (browser.name === undefined || browser.name === '') return PRODUCT.exec(agent)?.[0] ?? UNKNOWN
  const name = os.name === undefined || os.name === '' ? browser.name : `${browser.name} on ${os.name}`
  return name.slice(0, MAX_NAME_LENGTH)
}

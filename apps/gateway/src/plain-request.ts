/** A request whose answer depends on nothing but its token, and what the answer has to know of it. */
export interface PlainRequest {
  readonly token: string
  /** Whether it is the user's activity. */
  readonly activity: boolean
  /** As sent; not checked. */
  readonly requestId: string | undefined
}

const BEARER = 'Bearer '

/** Header fields that alter nothing about the answer to a reading request that brings its token in a header. */
const WITHOUT_INFLUENCE: ReadonlySet<string> = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'connection',
  'cookie',
  'dnt',
  'forwarded',
  'keep-alive',
  'pragma',
  'priority',
  'referer',
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'traceparent',
  'tracestate',
  'user-agent',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip'
])

/**
 * Reads names and values as they came, in turn. `undefined` for everything that anybody might see in another way: a
 * field that is not known, or is there twice, a body, an origin, a token that is none.
 */
export function readPlainRequest(rawHeaders: readonly string[]): PlainRequest | undefined {
  let authorization: string | undefined
  let requestId: string | undefined
  let hosts = 0
  let activity = true
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ''
    if (WITHOUT_INFLUENCE.has(name)) continue
    const value = rawHeaders[index + 1]
    if (name === 'host') hosts += 1
    else if (name === 'authorization' && authorization === undefined) authorization = value
    else if (name === 'x-request-id' && requestId === undefined) requestId = value
    else if (name === 'latchkey-background' && value === '1') activity = false
    else return undefined
  }
  if (hosts !== 1 || authorization?.startsWith(BEARER) !== true) return undefined
  return { token: authorization.slice(BEARER.length), activity, requestId }
}

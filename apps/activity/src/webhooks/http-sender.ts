import type { LookupAddress, LookupOptions } from 'node:dns'
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { SendResult, WebhookEndpoint, WebhookMessage, WebhookSender } from '../domain/webhook-ports.ts'
import { signMessage } from './sign.ts'
import type { AllowsTarget } from './targets.ts'

/** `lookup` of `node:dns`. */
export type Resolve = (
  host: string,
  options: LookupOptions & { readonly all: true },
  done: (err: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void
) => void

export interface SenderOptions {
  /** For all of it, from the name's look-up to the answer's head. */
  readonly timeoutMs: number
  readonly allows: AllowsTarget
  readonly resolve: Resolve
  /** Gives up whatever is under way. */
  readonly stopped: AbortSignal
  readonly now: () => Date
}

/** Nothing in an answer but its status counts; a connection whose answer goes on for longer is cut. */
const MAX_ANSWER_BYTES = 16 * 1024

class TargetRefused extends Error {
  override readonly name = 'TargetRefused'
}

/**
 * Sends by HTTP. A 2xx is an acceptance, everything else a refusal: redirections are not followed. The address that was
 * judged is the one that is connected to, so that a name cannot lead elsewhere in between.
 */
export function createHttpSender(options: SenderOptions): WebhookSender & { close(): void } {
  const lookup = createLookup(options)
  const agents = { 'http:': new HttpAgent({ keepAlive: true }), 'https:': new HttpsAgent({ keepAlive: true }) }
  return {
    send: async (endpoint, message) => {
      const url = new URL(endpoint.url)
      const isSecure = url.protocol === 'https:'
      if (!mayReach(url, options.allows)) return refuse('address not allowed')
      const signal = AbortSignal.any([AbortSignal.timeout(options.timeoutMs), options.stopped])
      const request = (isSecure ? requestHttps : requestHttp)(url, {
        method: 'POST',
        headers: createHeaders(endpoint, message, options.now()),
        agent: agents[isSecure ? 'https:' : 'http:'],
        lookup,
        signal
      })
      return await new Promise<SendResult>((resolve) => {
        request.on('response', (response) => {
          resolve(judge(response))
          ignoreBody(response)
        })
        request.on('error', (err) => resolve(options.stopped.aborted ? { kind: 'stopped' } : refuse(describe(err))))
        request.end(message.body)
      })
    },
    close: () => {
      for (const agent of Object.values(agents)) agent.destroy()
    }
  }
}

/** A host that is an address is never looked up. */
function mayReach({ hostname }: URL, allows: AllowsTarget): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0 || allows(host)
}

function createLookup({ allows, resolve }: SenderOptions): LookupFunction {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (err, addresses) => {
      const allowed = err === null ? addresses.filter(({ address }) => allows(address)) : []
      const [first] = allowed
      if (first === undefined) done(err ?? new TargetRefused(), '')
      else if (options.all === true) done(null, allowed)
      else done(null, first.address, first.family)
    })
  }
}

function createHeaders({ secrets }: WebhookEndpoint, message: WebhookMessage, sentAt: Date) {
  return {
    'content-type': 'application/json',
    'content-length': message.body.length,
    'user-agent': 'Latchkey-Webhooks',
    ...signMessage(message, secrets, sentAt)
  }
}

function judge({ statusCode = 0 }: IncomingMessage): SendResult {
  return statusCode >= 200 && statusCode < 300 ? { kind: 'accepted' } : refuse(`status ${statusCode}`)
}

/** So that the connection can be used again. */
function ignoreBody(response: IncomingMessage): void {
  let received = 0
  response.on('error', () => undefined)
  response.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (received > MAX_ANSWER_BYTES) response.destroy()
  })
}

function refuse(reason: string): SendResult {
  return { kind: 'refused', reason }
}

function describe(err: Error): string {
  if (err.name === 'TimeoutError' || err.name === 'AbortError') return 'no answer in time'
  if (err instanceof TargetRefused) return 'address not allowed'
  return 'code' in err ? String(err.code) : 'connection failed'
}

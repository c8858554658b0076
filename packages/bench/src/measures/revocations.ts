import { setTimeout as pause } from 'node:timers/promises'
import type { HttpClient, Question } from '../load/http-client.ts'
import { startNode } from '../processes/child.ts'
import { bearer } from '../stack/account.ts'
import { createProfile, type Opened, type SessionOpener } from '../stack/session-opener.ts'
import { CURRENT_SESSION } from './token-holders.ts'

export interface Revocations {
  readonly latenciesMs: readonly number[]
  /** Requests that began after the revoke had been answered, and were accepted. */
  readonly staleAccepts: number
}

export interface RevocationPlan {
  readonly client: HttpClient
  readonly opener: SessionOpener
  readonly gatewayUrls: readonly string[]
  readonly seconds: number
  /** Clients at each gateway that use the token all the time, right through its end. */
  readonly hammersPerGateway: number
}

const HAMMER_PAUSE_MS = 2
const REFUSALS_WANTED = 3
const HAMMERED_MS = 10_000

/** Revokes one session after another, by an owner and with a token that every gateway concerned knows by then. */
export async function revokeSessions(plan: RevocationPlan): Promise<Revocations> {
  const latenciesMs: number[] = []
  let staleAccepts = 0
  const endsAtMs = performance.now() + plan.seconds * 1000
  for (let i = 0; performance.now() < endsAtMs; i += 1) {
    const gatewayUrl = plan.gatewayUrls[i % plan.gatewayUrls.length]
    if (gatewayUrl === undefined) throw new Error('there is no gateway')
    const { latencyMs, stale } = await revokeOne(plan, gatewayUrl)
    latenciesMs.push(latencyMs)
    staleAccepts += stale
  }
  return { latenciesMs, staleAccepts }
}

async function revokeOne(plan: RevocationPlan, gatewayUrl: string): Promise<{ latencyMs: number; stale: number }> {
  const { client, opener, gatewayUrls, hammersPerGateway } = plan
  const user = createProfile()
  const [owner, victim] = [await opener.open('pair', user), await opener.open('pair', user)]
  for (const url of gatewayUrls) await expectStatus(client, askFor(url, victim), 200)
  await expectStatus(client, askFor(gatewayUrl, owner), 200)
  const revoked = { atMs: Number.POSITIVE_INFINITY }
  const hammers = gatewayUrls
    .flatMap((url) => Array.from({ length: hammersPerGateway }, () => url))
    .map((url) => startHammer(client, askFor(url, victim), revoked))
  await Promise.all(hammers.map(({ accepted }) => accepted))

  const url = `${gatewayUrl}/v1/sessions/${victim.session.id}`
  const headers = bearer(owner.tokens.accessToken)
  const { status, startedAtMs, endedAtMs } = await client.ask({ method: 'DELETE', url, headers })
  if (status !== 204) throw new Error(`a revoke was answered ${status}`)
  revoked.atMs = endedAtMs
  const afterwards = await Promise.all(gatewayUrls.map((each) => client.ask(askFor(each, victim))))
  const counts = await Promise.all(hammers.map(({ stale }) => stale))
  const accepted = afterwards.filter((answer) => answer.status === 200).length
  return { latencyMs: endedAtMs - startedAtMs, stale: counts.reduce((sum, count) => sum + count, accepted) }
}

function askFor(gatewayUrl: string, { tokens }: Opened): Question {
  return { method: 'GET', url: `${gatewayUrl}${CURRENT_SESSION}`, headers: bearer(tokens.accessToken) }
}

async function expectStatus(client: HttpClient, question: Question, wanted: number): Promise<void> {
  const { status } = await client.ask(question)
  if (status !== wanted) throw new Error(`a live token was answered ${status}`)
}

interface Hammer {
  /** Resolves once the token has been accepted; rejects when it never is. */
  readonly accepted: Promise<void>
  /** How often the token was accepted after its end. Rejects when it is not refused then. */
  readonly stale: Promise<number>
}

/** Uses a token until it has been refused a few times after its end. */
function startHammer(client: HttpClient, question: Question, revoked: { readonly atMs: number }): Hammer {
  const accepted = Promise.withResolvers<void>()
  const endsAtMs = performance.now() + HAMMERED_MS
  const work = async (): Promise<number> => {
    let stale = 0
    for (let refused = 0; refused < REFUSALS_WANTED; ) {
      const { status, startedAtMs } = await client.ask(question)
      const isAfter = startedAtMs > revoked.atMs
      if (status === 200) accepted.resolve()
      if (isAfter && status === 200) stale += 1
      if (isAfter && status === 401) refused += 1
      if (performance.now() > endsAtMs) throw new Error(`a token was answered ${status}, and not as it should be`)
      await pause(HAMMER_PAUSE_MS)
    }
    return stale
  }
  const stale = work()
  stale.catch(accepted.reject)
  return { accepted: accepted.promise, stale }
}

export interface Background {
  readonly gatewayUrls: readonly string[]
  readonly token: string
  /** Over all gateways. */
  readonly ratePerSecond: number
  readonly cores: string | undefined
}

/** Lets every gateway answer requests at a fixed rate until `scope` is disposed of. */
export async function startBackground(scope: AsyncDisposableStack, background: Background): Promise<void> {
  const { gatewayUrls, token, ratePerSecond, cores } = background
  const task = { urls: gatewayUrls.map((url) => `${url}${CURRENT_SESSION}`), headers: bearer(token), ratePerSecond }
  const entry = new URL('../load/steady-process.ts', import.meta.url)
  const child = startNode({ entry, args: [JSON.stringify(task)], cores })
  scope.defer(child.stop)
  await child.read(({ started }) => (started === true ? started : undefined))
}

import type { Context } from '../context.ts'
import { forEachPlace } from '../load/closed-loop.ts'
import { createHttpClient } from '../load/http-client.ts'
import { measureLoad } from '../load/measure-load.ts'
import { bearer, createAccounts } from '../stack/account.ts'
import { createSessionOpener } from '../stack/session-opener.ts'
import { startStack } from '../stack/start-stack.ts'
import { median } from '../statistics.ts'
import { createRefreshing } from './refresh.ts'
import { revokeSessions } from './revocations.ts'
import { CURRENT_SESSION } from './token-holders.ts'

/** What is measured of one store: requests a second, but milliseconds for `revoke`. */
export interface ScaleCalls {
  readonly pid: number
  readonly whoAmI: () => Promise<number>
  readonly firstUse: () => Promise<number>
  readonly revoke: () => Promise<number>
  readonly refresh: () => Promise<number>
}

const FIRST_USES_PER_SECOND = 200
const AT_ONCE = 16
const WARM_UP_SECONDS = 1

/** A whole Latchkey over a Redis that has sessions already. */
export async function createScaleCalls(
  scope: AsyncDisposableStack,
  context: Context,
  redisUrl: string
): Promise<ScaleCalls> {
  const { seconds } = context.options
  const { gateways, natsUrl } = await startStack(scope, context, { measured: ['gateway'], gateways: 1, redisUrl })
  const [gateway] = gateways
  if (gateway === undefined) throw new Error('there is no gateway')
  const client = scope.use(createHttpClient())
  const opener = await createSessionOpener(scope, natsUrl)
  const url = `${gateway.url}${CURRENT_SESSION}`
  const { tokens } = await opener.open('session')
  const hot = { url, headers: bearer(tokens.accessToken) }
  const refresh = await createRefreshing(createAccounts(client, gateway.url), opener)
  const revocations = { client, opener, gatewayUrls: [gateway.url], hammersPerGateway: 0 }

  const firstUse = async (count: number): Promise<number> => {
    const opened: string[] = []
    await forEachPlace(count, AT_ONCE, async () => {
      opened.push((await opener.open('pair')).tokens.accessToken)
    })
    const startedAtMs = performance.now()
    await forEachPlace(count, AT_ONCE, async (place) => {
      const { status } = await client.ask({ method: 'GET', url, headers: bearer(opened[place] ?? '') })
      if (status !== 200) throw new Error(`a live token was answered ${status}`)
    })
    return (count * 1000) / (performance.now() - startedAtMs)
  }
  await measureLoad(context, hot, WARM_UP_SECONDS)
  await firstUse(FIRST_USES_PER_SECOND)
  await revokeSessions({ ...revocations, seconds: WARM_UP_SECONDS })
  return {
    pid: gateway.pid,
    whoAmI: () => measureLoad(context, hot),
    firstUse: () => firstUse(FIRST_USES_PER_SECOND * seconds),
    revoke: async () => median((await revokeSessions({ ...revocations, seconds })).latenciesMs),
    refresh: () => refresh(seconds)
  }
}

import type { Context } from '../context.ts'
import { measureRate } from '../load/closed-loop.ts'
import { createHttpClient } from '../load/http-client.ts'
import { type Contestant, takeTurns } from '../rounds.ts'
import { type Accounts, createAccounts } from '../stack/account.ts'
import { createSessionOpener, type SessionOpener } from '../stack/session-opener.ts'
import { startStack } from '../stack/start-stack.ts'
import { measureRawRate } from './raw-rate.ts'
import type { Section } from './section.ts'

const WORKERS = 16
/** Until what refreshing runs through is compiled; before, a refresh takes a quarter more. */
const WARM_UP_SECONDS = 15

/** Refreshes a second against what the signing of access tokens alone allows. */
export async function measureRefreshes(context: Context): Promise<Section> {
  await using scope = new AsyncDisposableStack()
  const client = scope.use(createHttpClient())
  const { gateways, natsUrl, services } = await startStack(scope, context, {
    measured: ['session', 'gateway'],
    gateways: 1
  })
  const accounts = createAccounts(client, gateways[0]?.url ?? '')
  const refresh = await createRefreshing(accounts, await createSessionOpener(scope, natsUrl))
  const contestants: Contestant[] = [
    {
      ...{ id: 'refresh/latchkey', name: 'Latchkey', pid: services.session.pid },
      run: () => refresh(context.options.seconds)
    },
    {
      id: 'refresh/raw-rs256',
      name: 'raw RS256 signatures',
      run: () => measureRawRate(context, new URL('../raw/rs256-rate.ts', import.meta.url))
    }
  ]
  const findings = await takeTurns(contestants, { ...context.options, unit: 'refreshes/s', tell: context.tell })
  return { title: 'Refresh', findings, baseId: 'refresh/latchkey' }
}

/** Each worker has a session, and presents the token that the refresh before gave it. Warm, it resolves to refreshes a second. */
export async function createRefreshing(
  { refresh }: Pick<Accounts, 'refresh'>,
  opener: SessionOpener
): Promise<(seconds: number) => Promise<number>> {
  const opened = await Promise.all(Array.from({ length: WORKERS }, () => opener.open('pair')))
  const refreshTokens = opened.map(({ tokens }) => tokens.refreshToken ?? '')
  const measure = (seconds: number) =>
    measureRate(seconds, WORKERS, async (worker) => {
      refreshTokens[worker] = (await refresh(refreshTokens[worker] ?? '')).refreshToken
    })
  await measure(WARM_UP_SECONDS)
  return measure
}

import { startEphemeralPostgres } from '@latchkey/dev/servers'
import type { Context } from '../context.ts'
import { forEachPlace, measureRate } from '../load/closed-loop.ts'
import { createHttpClient, getJson, type HttpClient } from '../load/http-client.ts'
import { betterAuthQuestion, createBetterAuthPlan, startPeer } from '../peers/start-peer.ts'
import { type Contestant, takeTurns } from '../rounds.ts'
import { createAccounts } from '../stack/account.ts'
import { startRedis, startStack } from '../stack/start-stack.ts'
import { PASSWORD } from '../who-am-i.ts'
import { measureRawRate } from './raw-rate.ts'
import type { Section } from './section.ts'

/** People who sign in at the same time. */
const WORKERS = 4

/** Sign-ins a second against what the hashing of passwords alone allows, and against better-auth. */
export async function measureSignIns(context: Context): Promise<Section> {
  await using scope = new AsyncDisposableStack()
  const client = scope.use(createHttpClient())
  const contestants: Contestant[] = [
    await createLatchkey(scope, context, client),
    {
      ...{ id: 'sign-in/raw-argon2', name: 'raw argon2 verifications' },
      run: () => measureRawRate(context, new URL('../raw/argon2-rate.ts', import.meta.url))
    },
    await createBetterAuth(scope, context, client)
  ]
  // A round that does not count: sign-ins are few, and until their code is compiled each takes longer.
  for (const { run } of contestants) await run()
  const findings = await takeTurns(contestants, { ...context.options, unit: 'sign-ins/s', tell: context.tell })
  return { title: 'Sign-in (argon2id, 19 MiB, 2 passes)', findings, baseId: 'sign-in/latchkey' }
}

type SignIn = (email: string) => Promise<unknown>

async function createLatchkey(scope: AsyncDisposableStack, context: Context, client: HttpClient): Promise<Contestant> {
  const { gateways, services } = await startStack(scope, context, { measured: ['auth'], gateways: 1 })
  const accounts = createAccounts(client, gateways[0]?.url ?? '')
  const users = await registerUsers(context, accounts.register)
  return {
    id: 'sign-in/latchkey',
    name: 'Latchkey',
    pid: services.auth.pid,
    run: createRun(context, users, accounts.signIn)
  }
}

async function createBetterAuth(
  scope: AsyncDisposableStack,
  context: Context,
  client: HttpClient
): Promise<Contestant> {
  const postgres = await startEphemeralPostgres(context.environment)
  scope.defer(postgres.stop)
  const stores = { redisUrl: await startRedis(scope, context), databaseUrl: postgres.url }
  const plan = createBetterAuthPlan(stores, { cookieCache: false, by: 'endpoint' })
  const { address, pid } = await startPeer(scope, context, client, plan)
  const post = (path: string, body: object) => getJson(client, betterAuthQuestion(address, path, body), 200)
  const users = await registerUsers(context, (email) =>
    post('/sign-up/email', { email, password: PASSWORD, name: 'Ada Lovelace' })
  )
  const signIn: SignIn = (email) => post('/sign-in/email', { email, password: PASSWORD })
  return { id: 'sign-in/better-auth', name: 'better-auth, Redis', pid, run: createRun(context, users, signIn) }
}

async function registerUsers({ options, tell }: Context, register: SignIn): Promise<readonly string[]> {
  tell(`  registering ${options.users} users`)
  const users = Array.from({ length: options.users }, (_, place) => `user.${place}@example.com`)
  await forEachPlace(users.length, WORKERS, async (place) => {
    await register(users[place] ?? '')
  })
  return users
}

/** Each worker has users of its own, so that nobody signs in twice at the same time. */
function createRun({ options }: Context, users: readonly string[], signIn: SignIn): () => Promise<number> {
  let turn = 0
  return () =>
    measureRate(options.seconds, WORKERS, async () => {
      turn = (turn + 1) % users.length
      await signIn(users[turn] ?? '')
    })
}

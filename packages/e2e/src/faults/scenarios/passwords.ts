import { setTimeout as delay } from 'node:timers/promises'
import type { Environment } from '../../environment.ts'
import { doubleNatsUsers, replaceNatsUsers } from '../../nats-users.ts'
import { changeRedisUser, disconnectRedisUser } from '../../redis.ts'
import { findLost } from '../lost-answers.ts'
import { KINDS } from '../observed.ts'
import type { Platform, ServiceName } from '../platform.ts'
import type { Heal, Scenario } from '../scenario.ts'

/** Long enough for the balancer to see it, many times over. */
const DRAIN_MS = 500
/** For what follows from the last step. */
const AFTER_MS = 2000
/** Of NATS. */
const RELOADS = 2
const NEXT_PASSWORD = 'the-next-one'
const FORMER_PASSWORD = 'only-for-tests'
const IN_TURN: readonly ServiceName[] = [
  ...(['session-1', 'session-2', 'auth-1', 'auth-2'] as const),
  ...(['activity-1', 'activity-2', 'gateway-1', 'gateway-2'] as const)
]
/** Redis takes two passwords of one user. */
const OF_REDIS = ['session', 'activity'] as const
/** NATS takes one, so each service gets a second user with the same rights. */
const nextUser = (user: string) => `${user}_next`

function withNext(url: string, change: (user: string) => string): string {
  const next = new URL(url)
  Object.assign(next, { username: change(next.username), password: NEXT_PASSWORD })
  return next.href
}

function toNext({ NATS_URL = '', REDIS_URL = '' }: Environment): Environment {
  const hasRedis = new URL(REDIS_URL).username !== ''
  return {
    NATS_URL: withNext(NATS_URL, nextUser),
    ...(hasRedis ? { REDIS_URL: withNext(REDIS_URL, (user) => user) } : {})
  }
}

/** As an operator does it: both are good, every service is started with the new ones, the former ones are good no more. */
async function renew({ nats, redis, service }: Platform): Promise<Heal> {
  await nats.reconfigure((text) => doubleNatsUsers(text, nextUser, NEXT_PASSWORD))
  for (const user of OF_REDIS) await changeRedisUser(redis, user, `>${NEXT_PASSWORD}`)
  for (const name of IN_TURN) {
    await service(name).stop()
    service(name).changeEnvironment(toNext)
    await service(name).start()
  }
  await nats.reconfigure((text) => replaceNatsUsers(text, nextUser, NEXT_PASSWORD))
  for (const user of OF_REDIS) {
    await changeRedisUser(redis, user, `<${FORMER_PASSWORD}`)
    // Whoever is in stays in, whatever the password: now each has to come in anew.
    await disconnectRedisUser(redis, user)
  }
  await delay(AFTER_MS)
  return () => undefined
}

export const passwordsRenewed: Scenario = {
  name: 'passwords-renewed',
  fault: 'every service gets other passwords for NATS and Redis, one after another, and the former ones are taken away',
  forMs: 0,
  topology: { gateway: 2, auth: 2, session: 2, activity: 2 },
  isBalanced: true,
  environment: { DRAIN_DELAY: String(DRAIN_MS) },
  begin: ({ platform }) => renew(platform),
  check: ({ during }) => findLost(during, KINDS, RELOADS)
}

import { setTimeout as delay } from 'node:timers/promises'
import { runSql } from '@latchkey/testing/dumps'
import { breakAfter, cut, hold, repeat } from '../break.ts'
import type { Heal, Scenario, Stage } from '../scenario.ts'

const MS = 5000
/** More than the server takes. */
const HOGS = 230
const LIVE = ['access', 'refresh', 'revoke'] as const

const urlOf = ({ platform }: Stage): string => platform.environment.DATABASE_URL ?? ''
const nameOf = (stage: Stage): string => new URL(urlOf(stage)).pathname.slice(1)

/** Ends every connection but the one that asks. */
async function endConnections(stage: Stage): Promise<void> {
  const others = `datname = '${nameOf(stage)}' and pid <> pg_backend_pid()`
  await runSql(urlOf(stage), `select pg_terminate_backend(pid) from pg_stat_activity where ${others}`)
}

/** Holds the table for so long; resolves at once. */
function lock(stage: Stage): Heal {
  const locked = runSql(urlOf(stage), `begin; lock table users in access exclusive mode; select pg_sleep(${MS / 1000})`)
  return async () => {
    await locked
  }
}

/** Takes every connection there is, those too that others had. */
function hogConnections(stage: Stage): Heal {
  const end = performance.now() + MS
  const take = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'latchkey-auth'`
  const hog = async () => {
    while (performance.now() < end) {
      await runSql(urlOf(stage), `${take}; select pg_sleep(1)`).catch(() => delay(20))
    }
  }
  const hogs = Array.from({ length: HOGS }, hog)
  return async () => {
    await Promise.all(hogs)
  }
}

/** As after a failover to a standby that was not promoted. */
async function makeReadOnly(stage: Stage): Promise<Heal> {
  const change = async (how: string) => {
    await runSql(urlOf(stage), `begin read write; alter database ${nameOf(stage)} ${how}; commit`)
    await endConnections(stage)
  }
  await change('set default_transaction_read_only = on')
  return () => change('reset default_transaction_read_only')
}

export const databaseScenarios: readonly Scenario[] = [
  {
    name: 'postgres-down',
    fault: 'all connections to PostgreSQL are reset, new ones refused',
    forMs: MS,
    stays: LIVE,
    refuses: ['signIn', 'register'],
    begin: ({ platform }) => cut(platform.linksTo('postgres'))
  },
  {
    name: 'postgres-hung',
    fault: 'PostgreSQL answers nothing, its connections stand',
    forMs: MS,
    stays: LIVE,
    refuses: ['signIn', 'register'],
    begin: ({ platform }) => hold(platform.linksTo('postgres'))
  },
  {
    name: 'postgres-answers-lost',
    fault: 'connections to PostgreSQL break in the middle of answers, some after a commit',
    forMs: MS,
    stays: LIVE,
    refuses: ['register'],
    begin: ({ platform }) => breakAfter(platform.linksTo('postgres'), 3000)
  },
  {
    name: 'postgres-connections-killed',
    fault: 'the server ends every connection, again and again',
    forMs: 0,
    stays: LIVE,
    begin: async (stage) => {
      const once = async () => {
        await endConnections(stage)
        return () => undefined
      }
      await repeat(MS, once, { pauseMs: () => stage.random.between(50, 400), lastsMs: () => 0 })
      return () => undefined
    }
  },
  {
    name: 'postgres-locked',
    fault: 'somebody holds a lock on the table of users',
    forMs: MS,
    stays: LIVE,
    refuses: ['signIn', 'register'],
    begin: lock
  },
  {
    name: 'postgres-connections-taken',
    fault: 'others have taken all connections that the server has',
    forMs: MS,
    stays: LIVE,
    refuses: ['signIn', 'register'],
    begin: hogConnections
  },
  {
    name: 'postgres-read-only',
    fault: 'the database takes no changes',
    forMs: MS,
    stays: LIVE,
    refuses: ['register', 'changePassword'],
    begin: makeReadOnly
  }
]

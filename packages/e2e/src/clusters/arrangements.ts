import { startGuardedNats, startGuardedRedis } from '@latchkey/testing/guarded-stores'
import { ordinary, type RunOptions } from '../history/run-history.ts'
import { one, type Pattern } from '../history/schedule.ts'
import { type Arrangement, startClusterPlatform } from './cluster-platform.ts'
import { createStore, type StartStore } from './clustered-store.ts'
import { startNatsServers } from './nats-servers.ts'
import { startRedisNodes } from './redis-servers.ts'
import { PRIMARY, startSentinels } from './sentinels.ts'
import { findLostEvents } from './stored-ends.ts'

const oneRedis: StartStore = async (t) => {
  const server = await startGuardedRedis(t)
  return createStore(server.url, [server], [])
}
const oneNats: StartStore = async (t) => {
  const server = await startGuardedNats(t)
  return createStore(server.url, [server], [])
}

interface Trial extends Arrangement {
  readonly environment: Readonly<Record<string, string>>
  readonly patterns: readonly Pattern[]
}

const happening = (names: readonly string[], minMs: number, maxMs: number): Pattern =>
  one((random) => ({ kind: 'accident', name: random.pick(names) }), minMs, maxMs)
const natsNames = (what: string) => [0, 1, 2].map((index) => `nats-${index} ${what}`)

/** Ways to run the stores on several servers, and what is done to them. */
export const ARRANGEMENTS = {
  nats: {
    startNats: startNatsServers,
    startRedis: oneRedis,
    environment: {},
    patterns: [
      happening(natsNames('is killed'), 500, 4000),
      happening(natsNames('hangs'), 500, 4000),
      happening(natsNames('is cut off from the others'), 500, 4000),
      happening(natsNames('and the others do not hear each other'), 500, 4000)
    ]
  },
  'redis-cluster': {
    startNats: oneNats,
    startRedis: startRedisNodes,
    environment: { REDIS_WAIT_REPLICAS: '1' },
    patterns: [
      happening(['a primary is killed', 'a primary hangs'], 3000, 6000),
      happening(['a replica is killed'], 500, 3000),
      happening(['a replica is told to take over'], 1000, 2000)
    ]
  },
  sentinel: {
    startNats: oneNats,
    startRedis: startSentinels,
    environment: { REDIS_WAIT_REPLICAS: '1', REDIS_SENTINEL: PRIMARY },
    patterns: [
      happening(['the primary is killed', 'the primary hangs'], 3000, 6000),
      happening(['a replica is killed'], 500, 3000),
      happening(['a replica is told to take over'], 3000, 4000)
    ]
  }
} as const satisfies Record<string, Trial>
export type ArrangementName = keyof typeof ARRANGEMENTS

/** Users live over the stores of an arrangement while its servers fail, one at a time. */
export function planCluster(name: ArrangementName): Omit<RunOptions, 'seed' | 'seconds' | 'tell'> {
  const { patterns, environment, ...arrangement } = ARRANGEMENTS[name]
  return {
    ...ordinary,
    users: 5,
    plan: { tracks: [patterns], pauseMs: [500, 3000], always: [] },
    build: { conditions: [], environment },
    startPlatform: (t, options) => startClusterPlatform(t, arrangement, options),
    inspect: findLostEvents
  }
}

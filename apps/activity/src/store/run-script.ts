import { type AvailabilityOptions, createAvailability } from '@latchkey/redis/availability'
import type { RedisClient } from '@latchkey/redis/client'
import { openScripts, type Scripts } from '@latchkey/redis/scripts'
import { StoreUnavailable } from '../domain/ports.ts'

/** The scripts of this service. A server that cannot be reached, or cannot work for now, is a `StoreUnavailable`. */
export function createScriptRunner(redis: RedisClient, log: AvailabilityOptions['log']): Scripts {
  const scripts = openScripts(redis, new URL('./scripts/', import.meta.url))
  const whenAvailable = createAvailability({ log, createError: (...args) => new StoreUnavailable(...args) })
  return {
    load: (...names) => {
      const run = scripts.load(...names)
      return (keys, args) => whenAvailable(() => run(keys, args))
    }
  }
}

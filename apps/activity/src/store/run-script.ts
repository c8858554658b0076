import { type AvailabilityOptions, createAvailability } from '@latchkey/redis/availability'
import type { RedisClient } from '@latchkey/redis/client'
import { openScripts, type Scripts } from '@latchkey/redis/scripts'
import { StoreUnavailable } from '../domain/ports.ts'

/** The scripts of this service. A server that cannot be reached, or cannot work for now, is a `StoreUnavailable`. */
export function createScriptRunner(redis: RedisClient, log: AvailabilityOptions['log']): Scripts {
  const scripts = openScripts(redis, new URL('./scripts/', import.meta.url))
  const createError = (...args: ConstructorParameters<typeof StoreUnavailable>) => new StoreUnavailable(...args)
  const whenAvailable = createAvailability({ client: redis, log, createError })
  return {
    load: (...names) => {
      const run = scripts.load(...names)
      return (keys, args) => whenAvailable(keys[0] ?? '', () => run(keys, args))
    }
  }
}

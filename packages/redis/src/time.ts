import type { RedisClient } from './client.ts'

/** The time by the server's clock, in milliseconds since 1970; of a cluster by that of any of its nodes. */
export async function readTime(redis: RedisClient): Promise<number> {
  const [seconds, microseconds] = await redis.time()
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
}

import { Cluster } from 'ioredis'
import type { RedisClient } from './client.ts'

const POLICY = /^maxmemory_policy:(\S+)/m

/**
 * Rejects where a server may evict what is stored in it, and where none answers: what the services keep is no cache. Of a
 * cluster each primary is asked; one that is away is replaced soon, and the others serve their users meanwhile.
 */
export async function checkMemoryPolicy(redis: RedisClient): Promise<void> {
  const answers = await Promise.allSettled(listServers(redis).map((server) => server.info('memory')))
  const texts = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
  if (texts.length === 0) throw new Error('Redis does not answer')
  for (const text of texts) {
    const policy = POLICY.exec(text)?.[1]
    if (policy !== undefined && policy !== 'noeviction') throw new Error(`maxmemory-policy is ${policy}`)
  }
}

/** Of a cluster none while its client gets to know it: asked meanwhile, its servers would make that begin anew. */
function listServers(redis: RedisClient) {
  if (!(redis instanceof Cluster)) return [redis]
  return redis.status === 'ready' ? redis.nodes('master') : []
}

import { Redis } from 'ioredis'
import { Client } from 'pg'

/** Runs statements on a database and answers the rows of the last one. */
export async function runSql(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

/** Every row of every table as text. */
export async function dumpPostgres(url: string): Promise<string> {
  const tables = await runSql(url, "select table_name from information_schema.tables where table_schema = 'public'")
  const rows = await Promise.all(tables.map(({ table_name }) => runSql(url, `select * from "${table_name}"`)))
  return JSON.stringify(rows)
}

/** Every key of a single Redis with its value, a line each; bytes that are no text stand as they are (latin1). */
export async function dumpRedis(url: string): Promise<string> {
  const redis = new Redis(url)
  try {
    const keys = await redis.keys('*')
    return (await Promise.all(keys.map(async (key) => `${key} ${await dumpKey(redis, key)}`))).join('\n')
  } finally {
    redis.disconnect()
  }
}

async function dumpKey(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case 'hash':
      return (await redis.hgetallBuffer(key).then(Object.entries)).map(([k, v]) => `${k} ${toText(v)}`).join(' ')
    case 'zset':
      return (await redis.zrangeBuffer(key, '0', '-1')).map(toText).join(' ')
    case 'stream':
      return JSON.stringify(await redis.xrange(key, '-', '+'))
    case 'set':
      return (await redis.smembersBuffer(key)).map(toText).join(' ')
    case 'list':
      return (await redis.lrangeBuffer(key, 0, -1)).map(toText).join(' ')
    default:
      return (await redis.get(key)) ?? ''
  }
}

function toText(bytes: Buffer): string {
  return bytes.toString('latin1')
}

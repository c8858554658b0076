import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { TestServer } from '@latchkey/testing/stores'

/** Sends one command to a Redis of the test, and waits until it is done. */
async function sendCommand({ port }: TestServer, words: readonly string[]): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  const lines = words.flatMap((word) => [`$${Buffer.byteLength(word)}`, word])
  socket.write(`*${words.length}\r\n${lines.join('\r\n')}\r\n`)
  const [reply] = await once(socket, 'data')
  socket.destroy()
  if (String(reply).startsWith('-')) throw new Error(String(reply))
}

/** Changes a setting of a running server. */
export function configureRedis(redis: TestServer, name: string, value: string): Promise<void> {
  return sendCommand(redis, ['CONFIG', 'SET', name, value])
}

/** Changes what the running server says of one of its users. */
export function changeRedisUser(redis: TestServer, user: string, ...rules: readonly string[]): Promise<void> {
  return sendCommand(redis, ['ACL', 'SETUSER', user, ...rules])
}

/** Ends every connection of a user. */
export function disconnectRedisUser(redis: TestServer, user: string): Promise<void> {
  return sendCommand(redis, ['CLIENT', 'KILL', 'USER', user])
}

/** Has the running server show another certificate. */
export function renewRedisCertificate(redis: TestServer, cert: string, key: string): Promise<void> {
  return sendCommand(redis, ['CONFIG', 'SET', 'tls-cert-file', cert, 'tls-key-file', key])
}

/** Writes what there is to disk. */
export function saveRedis(redis: TestServer): Promise<void> {
  return sendCommand(redis, ['SAVE'])
}

/** As after a restart without its data. */
export function emptyRedis(redis: TestServer): Promise<void> {
  return sendCommand(redis, ['FLUSHALL'])
}

/** Kills it, removes what it has on disk, and starts it again where it was. */
export async function loseRedis(redis: TestServer): Promise<void> {
  await redis.kill()
  for (const name of ['appendonlydir', 'dump.rdb']) {
    await rm(join(redis.folder, name), { recursive: true, force: true })
  }
  await redis.restart()
}

/** Removes what one service keeps: keys by the pattern of their names. */
export function removeKeys(redis: TestServer, pattern: string): Promise<void> {
  const script = "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end return 1"
  return sendCommand(redis, ['EVAL', script, '0', pattern])
}

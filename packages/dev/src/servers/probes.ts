import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Client } from 'pg'
import type { Store } from '../provision/ladder.ts'

/** Each probe speaks the store's protocol, resolves to its version and rejects when it does not answer. */
export type Probe = (url: string) => Promise<string>

const probeTimeoutMs = 2_000

function open(url: URL, defaultPort: number, tls: boolean): Socket {
  const target = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || defaultPort) }
  const socket = tls ? connectTls({ ...target, servername: target.host }) : connectTcp(target)
  socket.setTimeout(probeTimeoutMs, () => socket.destroy(new Error(`no answer within ${probeTimeoutMs} ms`)))
  return socket
}

async function readUntil(socket: Socket, isComplete: (text: string) => boolean): Promise<string> {
  const ended = new AbortController()
  socket.once('close', () => ended.abort())
  let text = ''
  while (!isComplete(text)) {
    const [chunk] = await once(socket, 'data', { signal: ended.signal })
    text += String(chunk)
  }
  return text
}

function resp(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`
}

export const probeRedis: Probe = async (url) => {
  const target = new URL(url)
  const socket = open(target, 6379, target.protocol === 'rediss:')
  try {
    const password = decodeURIComponent(target.password)
    const user = decodeURIComponent(target.username) || 'default'
    if (password !== '') socket.write(resp('AUTH', user, password))
    socket.write(resp('PING') + resp('INFO', 'server'))
    const text = await readUntil(socket, (read) => /^-/m.test(read) || /redis_version:\S+\r\n/.test(read))
    const refusal = /^-(.*)\r$/m.exec(text)?.[1]
    if (refusal !== undefined) throw new Error(refusal)
    return /(?:valkey|redis)_version:(\S+)/.exec(text)?.[1] ?? 'unknown'
  } finally {
    socket.destroy()
  }
}

export const probeNats: Probe = async (url) => {
  const first = url.split(',')[0] ?? url
  const socket = open(new URL(first.includes('://') ? first : `nats://${first}`), 4222, false)
  try {
    const text = await readUntil(socket, (read) => read.includes('\r\n'))
    const info: unknown = JSON.parse(text.slice('INFO '.length, text.indexOf('\r\n')))
    const version = typeof info === 'object' && info !== null && 'version' in info ? info.version : undefined
    return typeof version === 'string' ? version : 'unknown'
  } finally {
    socket.destroy()
  }
}

export const probePostgres: Probe = async (url) => {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: probeTimeoutMs })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
    return rows[0]?.server_version.split(' ')[0] ?? 'unknown'
  } finally {
    await client.end()
  }
}

export const probes: Readonly<Record<Store, Probe>> = { postgres: probePostgres, redis: probeRedis, nats: probeNats }

import Type from 'typebox'
import { Value } from 'typebox/value'
import type { Context } from '../context.ts'
import { getJson, type HttpClient, type Question } from '../load/http-client.ts'
import { startNode } from '../processes/child.ts'
import { PASSWORD } from '../who-am-i.ts'

export interface PeerPlan {
  readonly id: string
  readonly name: string
  readonly entry: URL
  readonly task?: object
  /** Where it tells a person who they are. */
  readonly path: string
  /** How a person signs in; the headers that make later requests theirs come of the answer. */
  readonly signIn?: (address: string) => Question
  /** Run once before anybody signs in. */
  readonly register?: (address: string) => Question
}

export interface Peer {
  readonly id: string
  readonly name: string
  readonly pid: number
  readonly address: string
  readonly url: string
  /** Signs in and returns the headers of somebody who is. */
  createHeaders(): Promise<Readonly<Record<string, string>>>
}

const WithToken = Type.Object({ accessToken: Type.String() })

export async function startPeer(
  scope: AsyncDisposableStack,
  context: Context,
  client: HttpClient,
  { id, name, entry, task = {}, path, signIn, register }: PeerPlan
): Promise<Peer> {
  const child = startNode({ entry, args: [JSON.stringify(task)], cores: context.cores.server })
  scope.defer(child.stop)
  const address = await child.read((line) => (typeof line.address === 'string' ? line.address : undefined))
  if (register !== undefined) await getJson(client, register(address), 200)
  return {
    ...{ id, name, pid: child.pid, address, url: `${address}${path}` },
    createHeaders: async () => (signIn === undefined ? {} : await readHeaders(client, signIn(address)))
  }
}

async function readHeaders(client: HttpClient, question: Question): Promise<Readonly<Record<string, string>>> {
  const { status, cookies, body } = await client.ask(question)
  if (status !== 200) throw new Error(`${question.url} answered ${status}: ${body.slice(0, 300)}`)
  if (cookies.length > 0) return { cookie: cookies.map((cookie) => cookie.split(';')[0]).join('; ') }
  return { authorization: `Bearer ${Value.Parse(WithToken, JSON.parse(body)).accessToken}` }
}

export interface PeerStores {
  readonly redisUrl: string
  readonly databaseUrl: string
}

export function betterAuthQuestion(address: string, path: string, body: object): Question {
  return { method: 'POST', url: `${address}/api/auth${path}`, headers: { origin: address }, body }
}

export interface BetterAuthVariant {
  readonly cookieCache: boolean
  /** Asked through its own endpoint, as clients do, or by a function call in a Fastify route. */
  readonly by: 'endpoint' | 'function'
}

export function createBetterAuthPlan(stores: PeerStores, { cookieCache, by }: BetterAuthVariant): PeerPlan {
  const id = `better-auth${cookieCache ? '-cookie-cache' : ''}${by === 'function' ? '-function' : ''}`
  const way = by === 'function' ? ', getSession() in Fastify' : ''
  const credentials = { email: `${id}@example.com`, password: PASSWORD }
  return {
    id,
    name: `better-auth, ${cookieCache ? 'cookie cache (stale up to 5 min)' : 'Redis'}${way}`,
    entry: new URL('./better-auth.ts', import.meta.url),
    task: { ...stores, cookieCache },
    path: by === 'function' ? '/who-am-i' : '/api/auth/get-session',
    register: (address) => betterAuthQuestion(address, '/sign-up/email', { ...credentials, name: 'Ada Lovelace' }),
    signIn: (address) => betterAuthQuestion(address, '/sign-in/email', credentials)
  }
}

const signIn = (address: string): Question => ({ method: 'POST', url: `${address}/sign-in`, body: {} })

/** Those that "who am I" is compared with. */
export function listPeerPlans(stores: PeerStores): readonly PeerPlan[] {
  const path = '/who-am-i'
  const jwt = { entry: new URL('./fastify-jwt.ts', import.meta.url), path, signIn }
  return [
    {
      id: 'bare-fastify',
      name: 'bare Fastify (the ceiling)',
      entry: new URL('./bare-fastify.ts', import.meta.url),
      path
    },
    { ...jwt, id: 'jwt-rs256', name: '@fastify/jwt RS256 (not revocable)', task: { algorithm: 'RS256' } },
    { ...jwt, id: 'jwt-hs256', name: '@fastify/jwt HS256 (not revocable)', task: { algorithm: 'HS256' } },
    {
      ...{
        id: 'express-session',
        name: 'express-session, connect-redis',
        entry: new URL('./express-session.ts', import.meta.url),
        path,
        signIn
      },
      task: { redisUrl: stores.redisUrl }
    },
    createBetterAuthPlan(stores, { cookieCache: false, by: 'endpoint' }),
    createBetterAuthPlan(stores, { cookieCache: true, by: 'endpoint' }),
    createBetterAuthPlan(stores, { cookieCache: false, by: 'function' }),
    createBetterAuthPlan(stores, { cookieCache: true, by: 'function' })
  ]
}

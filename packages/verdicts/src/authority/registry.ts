import { randomUUID } from 'node:crypto'
import type { ReplyOf, RequestOf } from '@latchkey/contracts/define'
import type { VerdictItem, verdictContract } from '@latchkey/contracts/verdict'
import type { RedisClient } from '@latchkey/redis/client'
import { openScripts, type Script } from '@latchkey/redis/scripts'

/** Who may be judging by what it keeps. */
export interface Member {
  readonly id: string
  /** New with every renewal. */
  readonly mark: string
  readonly leaseMs: number
}

export interface Members {
  readonly incarnation: string
  /** How long the registry has known its members, by its own clock. */
  readonly incarnationAgeMs: number
  readonly members: readonly Member[]
}

export interface Entered extends Members {
  readonly seq: number
}

/** Members and announcements, in Redis; each method is one atomic step on its primary. See `scripts/preamble.lua`. */
export interface Registry {
  renew(request: RequestOf<typeof verdictContract.renew>): Promise<ReplyOf<typeof verdictContract.renew>>
  /** Numbers the announcement, and tells who has to be told of it. */
  announce(items: readonly VerdictItem[]): Promise<Entered>
  listMembers(): Promise<Members>
  /** Strikes off a member unless it has renewed since. */
  drop(incarnation: string, member: Pick<Member, 'id' | 'mark'>): Promise<void>
  leave(member: string): Promise<void>
}

export interface RegistryOptions {
  readonly redis: RedisClient
  readonly longestLeaseMs: number
  /** Announcements kept for holders that missed them. */
  readonly logLength: number
}

/** What a renewal replays at most: more than that is quicker forgotten than replayed. */
const MAX_REPLAYED = 2000
const MAX_REPLAYED_BYTES = 200_000
const KEYS = ['lk:v:{v}:registry', 'lk:v:{v}:log']

type MemberReply = readonly [id: string, mark: string, leaseMs: number]
type RenewReply = readonly [incarnation: string, seq: number, complete: 0 | 1, missed: readonly string[]]
type AnnounceReply = readonly [incarnation: string, ageMs: number, seq: number, members: readonly MemberReply[]]
type ListReply = readonly [incarnation: string, ageMs: number, members: readonly MemberReply[]]

export function createRegistry({ redis, longestLeaseMs, logLength }: RegistryOptions): Registry {
  const scripts = openScripts(redis, new URL('../scripts/', import.meta.url))
  const load = (name: string) => {
    const run = scripts.load('preamble', name)
    return (args: Parameters<Script>[1]) => run(KEYS, args)
  }
  const [renew, announce, list, drop] = [load('renew'), load('announce'), load('list'), load('drop')]
  return {
    renew: async ({ member, incarnation, seq, leaseMs }) => {
      const granted = Math.min(leaseMs, longestLeaseMs)
      const args = [randomUUID(), member, incarnation, seq, granted, MAX_REPLAYED, MAX_REPLAYED_BYTES]
      const reply = (await renew(args)) as RenewReply
      return {
        incarnation: reply[0],
        seq: reply[1],
        leaseMs: granted,
        complete: reply[2] === 1,
        missed: reply[3].flatMap((items) => JSON.parse(items) as VerdictItem[])
      }
    },

    announce: async (items) => {
      const reply = await announce([randomUUID(), JSON.stringify(items), logLength])
      const [incarnation, incarnationAgeMs, seq, members] = reply as AnnounceReply
      return { incarnation, incarnationAgeMs, seq, members: members.map(readMember) }
    },

    listMembers: async () => {
      const [incarnation, incarnationAgeMs, members] = (await list([randomUUID()])) as ListReply
      return { incarnation, incarnationAgeMs, members: members.map(readMember) }
    },

    drop: async (incarnation, { id, mark }) => void (await drop([randomUUID(), incarnation, id, mark])),

    leave: async (member) => void (await drop([randomUUID(), '', member, '']))
  }
}

function readMember([id, mark, leaseMs]: MemberReply): Member {
  return { id, mark, leaseMs }
}

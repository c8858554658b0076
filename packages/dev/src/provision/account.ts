import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** The unprivileged account PostgreSQL runs as when we are root. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

function parseAccount(line: string): Account | undefined {
  const [name, , uid, gid] = line.split(':')
  return name === undefined || uid === undefined ? undefined : { name, uid: Number(uid), gid: Number(gid) }
}

/** `postgres` when the machine has it, else `nobody`; undefined when we are an ordinary user ourselves. */
export function findServerAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n').map(parseAccount)
  const named = (name: string): Account | undefined => accounts.find((account) => account?.name === name)
  const account = named('postgres') ?? named('nobody')
  if (account === undefined) throw new Error('PostgreSQL refuses to run as root and there is no account "nobody"')
  return account
}

/** True when `account` may pass through every folder on the way to `path` and read in it. */
export function canReach({ uid, gid }: Account, path: string): boolean {
  const { uid: owner, gid: group, mode } = statSync(path)
  const bits = owner === uid ? mode >> 6 : group === gid ? mode >> 3 : mode
  const parent = dirname(path)
  return (bits & 0o1) !== 0 && (parent === path || canReach({ name: '', uid, gid }, parent))
}

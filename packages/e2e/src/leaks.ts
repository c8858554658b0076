import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestScope } from '@latchkey/testing/stores'
import type { Environment } from './environment.ts'
import type { Answer, Api, CallInit } from './http.ts'

/** Looks for secrets in what services say. */
export interface LeakCheck {
  /** A text that must not be said; too short ones could be there by chance, and are passed over. */
  remember(secret: unknown): void
  /** Whether one that is known by now is in it. */
  isIn(line: string): boolean
  /** Takes one line of a log. */
  write(line: string): void
  /** The lines so far that hold a secret, shortened. */
  listLeaks(): readonly string[]
}

const SECRET_VARIABLES = ['REFRESH_SECRET', 'FACTOR_SECRET', 'SERVICE_KEY']
const MIN_LENGTH = 12
const SHOWN_LENGTH = 400
/**
 * What is a secret by its looks: a part of a JSON Web Token, a refresh token, a password in a URL, a private key. Tokens
 * are far too many to be remembered one by one.
 */
const PATTERN =
  /(?<![\w-])eyJ[\w-]{16,}|(?<![\w-])AQ[\w-]{113}(?![\w-])|\w:\/\/[^\s/:@"]*:[^\s/@"]+@|BEGIN [A-Z ]*PRIVATE KEY/

/** A check that knows the secrets of this environment. */
export function createLeakCheck(environment: Environment = {}): LeakCheck {
  const secrets = new Set<string>()
  const lines: string[] = []
  const isIn = (line: string) => PATTERN.test(line) || [...secrets].some((secret) => line.includes(secret))
  const remember = (secret: unknown): void => {
    if (typeof secret !== 'string' || secret.length < MIN_LENGTH) return
    // As it stands in a line of JSON.
    secrets.add(JSON.stringify(secret).slice(1, -1))
  }
  for (const name of SECRET_VARIABLES) remember(environment[name])
  return {
    remember,
    isIn,
    write: (line) => void lines.push(line),
    listLeaks: () => lines.filter(isIn).map(shorten)
  }
}

const shorten = (line: string): string => line.slice(0, SHOWN_LENGTH)

/** Throws where something has been found, which fails the test whose end it is. */
export function assertNoLeaks(leaks: Pick<LeakCheck, 'listLeaks'>): void {
  const [leak] = leaks.listLeaks()
  if (leak !== undefined) throw new Error(`a secret is in a log: ${leak}`)
}

/** Looks through the logs in a folder at the end, once those who write them have ended: throws where a secret is in one. */
export function watchLogs(t: TestScope, folder: string, leaks: Pick<LeakCheck, 'isIn'>): void {
  t.teardown(async () => {
    for (const name of await readdir(folder)) {
      for await (const line of createInterface({ input: createReadStream(join(folder, name)) })) {
        if (leaks.isIn(line)) throw new Error(`a secret is in the log of ${name}: ${shorten(line)}`)
      }
    }
  })
}

/** Members of bodies that are nobody else's business. Tokens are known by their looks. */
const SECRET_MEMBERS = ['password', 'currentPassword', 'newPassword', 'secret', 'otpauthUri'] as const

/** The same client, whose secrets, both ways, are remembered. */
export function watchSecrets(api: Api, leaks: Pick<LeakCheck, 'remember'>): Api {
  return async (method, path, init) => {
    rememberSent(init, leaks)
    const answer = await api(method, path, init)
    rememberAnswered(answer, leaks)
    return answer
  }
}

function rememberSent({ body, headers }: CallInit = {}, { remember }: Pick<LeakCheck, 'remember'>): void {
  remember(headers?.authorization)
  if (typeof body !== 'object' || body === null) return
  for (const [name, value] of Object.entries(body)) if (SECRET_MEMBERS.some((each) => each === name)) remember(value)
}

function rememberAnswered({ body }: Answer, { remember }: Pick<LeakCheck, 'remember'>): void {
  if (typeof body !== 'object' || body === null) return
  for (const name of SECRET_MEMBERS) remember(body[name])
  if (Array.isArray(body.recoveryCodes)) for (const code of body.recoveryCodes) remember(code)
}

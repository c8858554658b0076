import { readFileSync } from 'node:fs'
import { getVariables as activity } from '@latchkey/activity/config'
import { getVariables as auth } from '@latchkey/auth/config'
import { getVariables as gateway } from '@latchkey/gateway/config'
import type { Environment, Variables } from '@latchkey/runtime/config'
import { getVariables as session } from '@latchkey/session/config'
import type { Service } from '../../src/environment.ts'

const repository = new URL('../../../../', import.meta.url)

/** What each service reads, as the environment wants it. */
export const variables: Readonly<Record<Service, (environment: Environment) => Variables>> = {
  gateway,
  auth,
  session,
  activity
}

export function readText(path: string): string {
  return readFileSync(new URL(path, repository), 'utf8')
}

/** What is read by what makes traces and not by us, as far as we say that it holds. */
export const tracing = [...new Set(readText('docs/operations.md').match(/\bOTEL_[A-Z_]+/g))].sort()

/** Every variable that a service reads in production, in order. */
export function listVariables(service: Service): readonly string[] {
  return [...Object.keys(variables[service]({ NODE_ENV: 'production' })), ...tracing].sort()
}

/** What nobody has to see who may look at a container. */
export function isSecret(name: string): boolean {
  return /_URL$|SECRET|PASSWORD$|_HEADERS$|^SERVICE_KEY$/.test(name) && name !== 'PUBLIC_URL'
}

import { events } from '@latchkey/contracts/events'
import { SERVICE_NAMES, type ServiceName, type Traffic, traffic } from '@latchkey/contracts/services'
import { EVENT_STREAM } from './events.ts'
import { inboxPrefixOf } from './nats-connection.ts'

/** Subjects by which one user of the server may publish and subscribe; `subject queue` allows that queue group alone. */
export interface Permissions {
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
  /** Whether it may answer what it was asked, and so publish to the inbox of whoever asked. */
  readonly answers: boolean
}

export function getPermissions(service: ServiceName): Permissions {
  const { serves, calls, tells, hears, shares, records } = traffic[service]
  const served = serves.flatMap((contract) => Object.values(contract).map(({ subject }) => subject))
  return {
    publish: [
      ...calls.map(({ subject }) => subject),
      ...tells,
      ...records.map((name) => events[name].subject),
      ...getStreamSubjects(traffic[service])
    ],
    subscribe: [
      `${inboxPrefixOf(service)}.>`,
      ...[...served, ...shares].map((subject) => `${subject} ${service}`),
      ...hears
    ],
    answers: served.length > 0
  }
}

/** What JetStream is asked by: it has its own subjects, and answers into the inbox. */
function getStreamSubjects({ records, follows, erases }: Traffic): readonly string[] {
  if (records.length === 0 && follows.length === 0) return []
  const api = '$JS.API'
  return [
    `${api}.INFO`,
    ...['INFO', 'CREATE', 'UPDATE'].map((verb) => `${api}.STREAM.${verb}.${EVENT_STREAM}`),
    ...follows.flatMap((durable) => [
      ...['INFO', 'CREATE', 'DURABLE.CREATE', 'MSG.NEXT'].map(
        (verb) => `${api}.CONSUMER.${verb}.${EVENT_STREAM}.${durable}`
      ),
      `$JS.ACK.${EVENT_STREAM}.${durable}.>`
    ]),
    ...(erases ? ['GET', 'DELETE'].map((verb) => `${api}.STREAM.MSG.${verb}.${EVENT_STREAM}`) : [])
  ]
}

const HEAD = `# Who may say and hear what on the bus. Written from the contracts, not by hand:
#   npx pnpm@12 --filter @latchkey/messaging rights
# One user for each service, its password in the variable that the included file sets. Nobody else is let in.
include "./passwords/nats.conf"
`

/** The part of nats-server's configuration that lets in the services and nobody else. */
export function renderNatsConf(): string {
  const users = SERVICE_NAMES.map((service) => renderUser(service, getPermissions(service)))
  return `${HEAD}
authorization {
  timeout: 2
  users: [
${users.join('\n')}
  ]
}
`
}

function renderUser(service: ServiceName, { publish, subscribe, answers }: Permissions): string {
  return `    {
      user: ${service}
      password: $${service.toUpperCase()}_PASSWORD
      permissions: {
        publish: { allow: ${renderSubjects(publish)} }
        subscribe: { allow: ${renderSubjects(subscribe)} }${
          answers ? '\n        allow_responses: { max: 1, expires: "30s" }' : ''
        }
      }
    }`
}

function renderSubjects(subjects: readonly string[]): string {
  const lines = [...new Set(subjects)].map((subject) => `          "${subject}"`)
  return `[\n${lines.join(',\n')}\n        ]`
}

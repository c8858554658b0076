import { events } from '@latchkey/contracts/events'
import {
  READERS,
  type Reader,
  SERVICE_NAMES,
  type ServiceName,
  type Traffic,
  traffic
} from '@latchkey/contracts/services'
import { EVENT_STREAM } from './events.ts'
import { inboxPrefixOf } from './nats-connection.ts'

const API = '$JS.API'

/** Subjects by which one user of the server may publish and subscribe; `subject queue` allows that queue group alone. */
export interface Permissions {
  readonly publish: readonly string[]
  /** Taken out of what `publish` allows. */
  readonly exceptPublish: readonly string[]
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
    exceptPublish: traffic[service].followsMore ? listConsumersOfOthers(service).flatMap(nameFollowerSubjects) : [],
    subscribe: [
      `${inboxPrefixOf(service)}.>`,
      ...[...served, ...shares].map((subject) => `${subject} ${service}`),
      ...hears
    ],
    answers: served.length > 0
  }
}

/** Of a program that follows the events: to take and to settle what its consumer hands out, and nothing else. */
export function getReaderPermissions(reader: Reader): Permissions {
  return {
    publish: [...nameConsumerSubjects(reader, ['INFO', 'MSG.NEXT']), nameAckSubject(reader)],
    exceptPublish: [],
    subscribe: [`${inboxPrefixOf(reader)}.>`],
    answers: false
  }
}

/** What JetStream is asked by: it has its own subjects, and answers into the inbox. */
function getStreamSubjects({ records, follows, followsMore, lends, replays, erases }: Traffic): readonly string[] {
  if (records.length === 0 && follows.length === 0) return []
  return [
    `${API}.INFO`,
    ...['INFO', 'CREATE', 'UPDATE'].map((verb) => `${API}.STREAM.${verb}.${EVENT_STREAM}`),
    ...[...follows, ...(followsMore ? ['*'] : [])].flatMap(nameFollowerSubjects),
    ...lends.flatMap((durable) => nameConsumerSubjects(durable, ['INFO', 'CREATE', 'DURABLE.CREATE', 'DELETE'])),
    ...replays.flatMap((name) => [
      `${API}.CONSUMER.CREATE.${EVENT_STREAM}.*.${events[name].subject}`,
      `$JS.FC.${EVENT_STREAM}.>`
    ]),
    ...(erases ? ['GET', 'DELETE'].map((verb) => `${API}.STREAM.MSG.${verb}.${EVENT_STREAM}`) : [])
  ]
}

/** A right on consumers of any name is not one on those that belong to somebody else. */
function listConsumersOfOthers(service: ServiceName): readonly string[] {
  return SERVICE_NAMES.filter((name) => name !== service).flatMap((name) => traffic[name].follows)
}

function nameFollowerSubjects(durable: string): string[] {
  return [...nameConsumerSubjects(durable, ['INFO', 'CREATE', 'DURABLE.CREATE', 'MSG.NEXT']), nameAckSubject(durable)]
}

function nameConsumerSubjects(durable: string, verbs: readonly string[]): string[] {
  return verbs.map((verb) => `${API}.CONSUMER.${verb}.${EVENT_STREAM}.${durable}`)
}

function nameAckSubject(durable: string): string {
  return `$JS.ACK.${EVENT_STREAM}.${durable}.>`
}

const HEAD = `# Who may say and hear what on the bus. Written from the contracts, not by hand:
#   npx pnpm@12 --filter @latchkey/messaging rights
# One user for each service and each program that follows the events, its password in the variable that the included file
# sets. Nobody else is let in.
include "./passwords/nats.conf"
`

/** The part of nats-server's configuration that lets in services and readers, and nobody else. */
export function renderNatsConf(): string {
  const users = [
    ...SERVICE_NAMES.map((service) => renderUser(service, getPermissions(service))),
    ...READERS.map((reader) => renderUser(reader, getReaderPermissions(reader)))
  ]
  return `${HEAD}
authorization {
  timeout: 2
  users: [
${users.join('\n')}
  ]
}
`
}

function renderUser(user: ServiceName | Reader, { publish, exceptPublish, subscribe, answers }: Permissions): string {
  return `    {
      user: ${user}
      password: $${user.toUpperCase()}_PASSWORD
      permissions: {
        publish: { allow: ${renderSubjects(publish)}${
          exceptPublish.length > 0 ? `\n          deny: ${renderSubjects(exceptPublish)}` : ''
        } }
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

import { test } from 'tap'
import { Compile } from 'typebox/compile'
import { accountsContract } from '../src/accounts.ts'
import { activityContract, activityMessages } from '../src/activity.ts'
import { adminContract } from '../src/admin.ts'
import { attemptsContract } from '../src/attempts.ts'
import { authContract } from '../src/auth.ts'
import type { Contract } from '../src/define.ts'
import { errorCatalogue } from '../src/errors.ts'
import { Envelope, events } from '../src/events.ts'
import { factorsContract } from '../src/factors.ts'
import { recoveryContract } from '../src/recovery.ts'
import { sessionContract } from '../src/session.ts'
import { sessionAdminContract } from '../src/session-admin.ts'
import { verdictContract, verdictMessages } from '../src/verdict.ts'

const contracts: Readonly<Record<string, Contract>> = {
  accounts: accountsContract,
  activity: activityContract,
  admin: adminContract,
  attempts: attemptsContract,
  auth: authContract,
  factors: factorsContract,
  recovery: recoveryContract,
  session: sessionContract,
  session_admin: sessionAdminContract,
  verdict: verdictContract
}

test('every subject is one service and one verb, and is declared once', async (t) => {
  const subjects = Object.values(contracts).flatMap((contract) => Object.values(contract).map(({ subject }) => subject))
  t.equal(new Set(subjects).size, subjects.length)
  for (const [service, contract] of Object.entries(contracts)) {
    for (const { subject } of Object.values(contract)) t.match(subject, new RegExp(`^${service}\\.[a-z]+(_[a-z]+)*$`))
  }
})

test('every schema of every procedure compiles and closes over itself', async (t) => {
  for (const contract of Object.values(contracts)) {
    for (const { request, reply } of Object.values(contract)) {
      t.doesNotThrow(() => Compile(request))
      t.doesNotThrow(() => Compile(reply))
    }
  }
})

test('every message of the verdict protocol has a subject of its own and a payload that compiles', async (t) => {
  const procedures = Object.values(verdictContract).map(({ subject }) => subject)
  const messages = Object.values(verdictMessages).map(({ subject }) => subject)
  const subjects: readonly string[] = [...procedures, ...messages]
  t.equal(new Set(subjects).size, subjects.length)
  for (const { subject, payload } of Object.values(verdictMessages)) {
    t.match(subject, /^verdict\.[a-z]+$/)
    t.doesNotThrow(() => Compile(payload))
  }
})

test('what activity tells whoever listens has a subject of its own and a payload that compiles', async (t) => {
  const procedures: readonly string[] = Object.values(activityContract).map(({ subject }) => subject)
  for (const { subject, payload } of Object.values(activityMessages)) {
    t.notOk(procedures.includes(subject))
    t.match(subject, /^activity\.[a-z]+$/)
    t.doesNotThrow(() => Compile(payload))
  }
})

test('every error a procedure lists is in the catalogue, with a status of its own kind', async (t) => {
  for (const contract of Object.values(contracts)) {
    for (const { errors } of Object.values(contract)) for (const code of errors) t.hasProp(errorCatalogue, code)
  }
  for (const { status } of Object.values(errorCatalogue)) t.ok(status >= 400 && status <= 503)
})

test('every event has a subject of its own below event and a payload that compiles', async (t) => {
  const subjects = Object.values(events).map(({ subject }) => subject)
  t.equal(new Set(subjects).size, subjects.length)
  for (const { subject, payload } of Object.values(events)) {
    t.match(subject, /^event\.[a-z]+(_[a-z]+)*$/)
    t.doesNotThrow(() => Compile(payload))
  }
  t.doesNotThrow(() => Compile(Envelope))
})

test('text that crosses a service boundary is bounded in every request', async (t) => {
  const unbounded = Object.values(contracts).flatMap((contract) =>
    Object.values(contract).flatMap(({ subject, request }) => findUnboundedText(request, subject))
  )
  t.same(unbounded, [])
})

function findUnboundedText(schema: unknown, path: string): string[] {
  if (Array.isArray(schema)) return schema.flatMap((item, index) => findUnboundedText(item, `${path}.${index}`))
  if (typeof schema !== 'object' || schema === null) return []
  const isText = 'type' in schema && schema.type === 'string'
  if (isText && !('maxLength' in schema) && !('const' in schema)) return [path]
  return Object.entries(schema).flatMap(([name, inner]) => findUnboundedText(inner, `${path}.${name}`))
}

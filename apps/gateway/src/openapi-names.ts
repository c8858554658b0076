import type { TSchema } from 'typebox'
import { AdministeredUser, AdministeredUserPage, Block, UserDetail } from './admin-schemas.ts'
import { forHttp } from './http-schema.ts'
import { Problem } from './problem-schema.ts'
import { ActivityPage, Current, EventPage, Session, SessionPage, SignedIn, TokenPair, User } from './schemas.ts'

/** The schemas that have a name in the API's description, the inner ones before those that contain them. */
const named: Readonly<Record<string, TSchema>> = {
  User: forHttp(User),
  Session: forHttp(Session),
  Current: forHttp(Current),
  SignedIn: forHttp(SignedIn),
  TokenPair: forHttp(TokenPair),
  SessionPage: forHttp(SessionPage),
  ActivityPage: forHttp(ActivityPage),
  Block: forHttp(Block),
  AdministeredUser: forHttp(AdministeredUser),
  AdministeredUserPage: forHttp(AdministeredUserPage),
  UserDetail: forHttp(UserDetail),
  EventPage: forHttp(EventPage),
  Problem
}

/** The components of the description, each referring to the others by name. */
export function createComponentSchemas(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(named).map(([name, schema]) => [name, replaceMembers(schema, namesByText())])
  )
}

/** Puts a reference wherever a document spells out a schema that has a name. */
export function referToNames<D extends object>(document: D): D {
  return replace(document, namesByText()) as D
}

function namesByText(): ReadonlyMap<string, string> {
  return new Map(Object.entries(named).map(([name, schema]) => [describe(schema), name]))
}

/** The document's generator drops or moves examples and descriptions; what is left tells schemas apart. */
function describe(schema: object): string {
  return JSON.stringify(schema, (key, value) => (key === 'examples' || key === 'description' ? undefined : value))
}

function replace(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const name = 'properties' in value ? names.get(describe(value)) : undefined
  return name === undefined ? replaceMembers(value, names) : { $ref: `#/components/schemas/${name}` }
}

function replaceMembers(value: object, names: ReadonlyMap<string, string>): object {
  if (Array.isArray(value)) return value.map((item) => replace(item, names))
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, replace(member, names)]))
}

/** The older interfaces, by the names that `DIALECTS` takes. */
export const DIALECT_NAMES = ['activity', 'device-sessions', 'users', 'split-token', 'credentials'] as const
export type DialectName = (typeof DIALECT_NAMES)[number]

/** Under which the routes of an interface are described. */
export function createTag(name: DialectName): { readonly name: string; readonly description: string } {
  return { name: `${name} (older interface)`, description: descriptions[name] }
}

const descriptions: Readonly<Record<DialectName, string>> = {
  activity: 'Signing in by e-mail address, and whether the user may act',
  'device-sessions': 'One session for each mobile number, kept by a trusted server, who in production has a key',
  users: 'Signing up and in by e-mail address, with the token as a cookie',
  'split-token': 'Signing up and in by e-mail address, with the token in two cookies',
  credentials: 'Signing up and in by username'
}

const USERS = /\n {4}\{\n {6}user: (\w+)\n {6}password: (\S+)\n[\s\S]*?\n {4}\}/g

/** The configuration of nats-server with what it says of one user changed. Throws where it says nothing of them. */
export function changeNatsUser(text: string, user: string, change: (rights: string) => string): string {
  const found = [...text.matchAll(USERS)].find(([, name]) => name === user)?.[0]
  if (found === undefined) throw new Error(`there is no ${user}`)
  const changed = change(found)
  if (changed === found) throw new Error(`nothing of ${user} was changed`)
  return text.replace(found, () => changed)
}

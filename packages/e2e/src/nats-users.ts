const USERS = /\n {4}\{\n {6}user: (\w+)\n {6}password: (\S+)\n[\s\S]*?\n {4}\}/g

/** The configuration of nats-server with what it says of one user changed. Throws where it says nothing of them. */
export function changeNatsUser(text: string, user: string, change: (rights: string) => string): string {
  const found = [...text.matchAll(USERS)].find(([, name]) => name === user)?.[0]
  if (found === undefined) throw new Error(`there is no ${user}`)
  const changed = change(found)
  if (changed === found) throw new Error(`nothing of ${user} was changed`)
  return text.replace(found, () => changed)
}

/** The same with every service's user a second time, by another name and password. */
export function doubleNatsUsers(text: string, nameOf: (user: string) => string, password: string): string {
  return text.replaceAll(USERS, (rights) => `${rights}${rename(rights, nameOf, password)}`)
}

/** The same with the second ones alone: the first ones go by names that nobody uses, since no password may be left over. */
export function replaceNatsUsers(text: string, nameOf: (user: string) => string, password: string): string {
  return text.replaceAll(USERS, (rights, user: string) => {
    const former = rights.replace(`user: ${user}`, `user: ${user}_former`)
    return `${former}${rename(rights, nameOf, password)}`
  })
}

function rename(rights: string, nameOf: (user: string) => string, password: string): string {
  return rights.replace(USERS, (whole, user: string, former: string) =>
    whole.replace(`user: ${user}`, `user: ${nameOf(user)}`).replace(former, `"${password}"`)
  )
}

import { manage } from './admin-routes.ts'
import { awaitMailedLink, findMailedLink, type MailedLink } from './mailed-links.ts'
import { call, type Ended, type Ending, type Routes } from './route.ts'

/** What the victim of a report is opened by, as a client and as its mail calls it. */
export const STRANGER = { userAgent: 'curl/8.5.0', name: 'curl' }

const RESET: MailedLink = { kind: 'password-resets', about: '' }
/** Other sessions may be taken for those of a new device as well, and told of. */
const REPORT: MailedLink = { kind: 'session-reports', about: STRANGER.name }

/** As whoever reads the account's mail. */
async function follow(ending: Ending, link: MailedLink, method: string, init: object = {}): Promise<Ended> {
  const path = findMailedLink(ending.mails, ending.account, link)
  if (path === undefined) throw new Error(`no link of ${link.kind} to follow`)
  return await call(ending, method, path, init)
}

async function requestReset(ending: Ending): Promise<boolean> {
  const { isOk } = await manage(ending, 'POST', '/password-reset')
  return isOk && (await awaitMailedLink(ending.mails, ending.account, RESET))
}

async function resetPassword(ending: Ending): Promise<Ended> {
  const { account, random } = ending
  const newPassword = `reset ${account.password} ${Math.floor(random.next() * 1e9)}`
  const ended = await follow(ending, RESET, 'PUT', { body: { newPassword } })
  if (ended.isOk) account.password = newPassword
  return ended
}

/** Those by the links in mails, each of which works once. */
export const LINK_ROUTES: Routes = {
  'PUT /v1/password-resets/:token': {
    ends: 'all',
    isRepeatable: false,
    // Not by the user, of whom one address may ask for so many an hour.
    prepare: requestReset,
    ask: resetPassword
  },
  'POST /v1/session-reports/:token': {
    ends: 'victim',
    isRepeatable: false,
    needs: 'stranger',
    prepare: ({ mails, account }) => awaitMailedLink(mails, account, REPORT),
    ask: (ending) => follow(ending, REPORT, 'POST')
  }
}

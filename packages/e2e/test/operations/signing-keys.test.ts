import { execFile } from 'node:child_process'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { nodeArguments } from '../../src/environment.ts'
import type { Api } from '../../src/http.ts'
import { eventually, newEmail, register, signIn } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'
import { decodePart, splitToken } from '../../src/tokens.ts'

const CLIENTS = 4
const READS_PER_REFRESH = 20

const kidOf = (token: string) => String(decodePart(splitToken(token).header).kid)
const ask = (api: Api, token: string) => api('GET', '/v1/sessions/current', { token })
const refresh = (api: Api, refreshToken: string) => api('POST', '/v1/sessions/refresh', { body: { refreshToken } })

/** A busy machine may refuse some for now, and says so; what must not be is that a token is not taken. */
const isFailure = ({ status }: { readonly status: number }) => status !== 200 && status !== 503

/** Clients that use and refresh their sessions until they are stopped. */
function startLoad(api: Api, email: string) {
  const kids = new Set<string>()
  const failures: unknown[] = []
  let stopped = false
  const live = async () => {
    let { accessToken, refreshToken } = (await signIn(api, email)).body
    while (!stopped) {
      const refreshed = await refresh(api, refreshToken)
      if (refreshed.status === 200) ({ accessToken, refreshToken } = refreshed.body)
      const answers = [refreshed]
      for (let read = 0; read < READS_PER_REFRESH; read += 1) answers.push(await ask(api, accessToken))
      failures.push(...answers.filter(isFailure).map(({ status, body }) => [status, body.code]))
      kids.add(kidOf(accessToken))
    }
  }
  const ended = Promise.all(Array.from({ length: CLIENTS }, live))
  const stop = async () => {
    stopped = true
    await ended
  }
  return { kids, failures, stop }
}

test('signing keys are renewed under load, and one that is removed takes its tokens along at once', async (t) => {
  const { api, environment } = await startStack(t, { KEY_PUBLISH_DELAY: '2' })
  const { SIGNING_KEYS_DIR: folder = '' } = environment
  const email = newEmail()
  const before = (await register(api, email)).body
  const former = kidOf(before.accessToken)
  const load = startLoad(api, email)

  const rotated = await promisify(execFile)(
    process.execPath,
    [...nodeArguments('session', 'keys-generate'), '--rotate'],
    {
      env: environment
    }
  )
  t.match(rotated.stdout, /it signs 2 s from now/)
  await eventually(
    async () => load.kids.size,
    (size) => size === 2
  )
  await load.stop()
  t.same(load.failures, [])
  t.same(
    [...load.kids],
    [former, ...(await readdir(folder)).map((name) => name.replace('.pem', '')).filter((kid) => kid !== former)]
  )

  t.notOk(isFailure(await ask(api, before.accessToken)), 'the former key is good for the tokens it signed')
  await rm(join(folder, `${former}.pem`))
  const refused = await eventually(() => ask(api, before.accessToken), isFailure)
  t.match(refused, { status: 401, body: { code: 'token_invalid' } })
  const { body: keySet } = await api('GET', '/.well-known/jwks.json')
  t.notOk(keySet.keys.some(({ kid }: { kid: string }) => kid === former))

  const { body: after } = await refresh(api, before.refreshToken)
  t.equal((await ask(api, after.accessToken)).status, 200, 'whoever refreshes stays signed in')
})

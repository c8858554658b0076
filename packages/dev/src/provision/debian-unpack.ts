import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CommandResult, runCommand } from './run-command.ts'

/** Where programs are unpacked when we may not install them; goes with the rest of node_modules. */
const home = join(import.meta.dirname, '..', '..', '..', '..', 'node_modules', '.cache', 'latchkey')

/** Holds a starter for each unpacked program. */
export const unpackedPrograms = join(home, 'bin')

const programFolders = ['usr/bin', 'usr/sbin']

/** apt with lists and archives of our own, so that an ordinary user may run it. */
function privateApt(folder: string): string[] {
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, part), { recursive: true })
  const settings = [
    'Debug::NoLocking=true',
    'APT::Sandbox::User=',
    `Dir::State::lists=${join(folder, 'lists')}`,
    `Dir::Cache=${join(folder, 'cache')}`
  ]
  return settings.flatMap((setting) => ['-o', setting])
}

/** The packages with all they need that this machine does not have yet. */
async function listNeeded(apt: readonly string[], packages: readonly string[]): Promise<string[]> {
  const args = [...apt, 'install', '--simulate', '--no-install-recommends', ...packages]
  const { output } = await runCommand('apt-get', args)
  return output.split('\n').flatMap((line) => /^Inst (\S+)/.exec(line)?.[1] ?? [])
}

function listLibraryFolders(tree: string): string[] {
  const lib = join(tree, 'usr', 'lib')
  if (!existsSync(lib)) return []
  return [lib, ...readdirSync(lib).map((name) => join(lib, name))]
}

/** The starter keeps the process id, so that a signal reaches the program itself. */
function writeStarters(tree: string): void {
  mkdirSync(unpackedPrograms, { recursive: true })
  const path = listLibraryFolders(tree).join(':')
  for (const folder of programFolders.map((name) => join(tree, name)).filter(existsSync)) {
    for (const name of readdirSync(folder)) {
      const draft = join(unpackedPrograms, `.${name}.${process.pid}`)
      writeFileSync(draft, `#!/bin/sh\nLD_LIBRARY_PATH='${path}' exec '${join(folder, name)}' "$@"\n`)
      chmodSync(draft, 0o755)
      renameSync(draft, join(unpackedPrograms, name))
    }
  }
}

async function unpack(folder: string, packages: readonly string[]): Promise<CommandResult> {
  const apt = privateApt(folder)
  const updated = await runCommand('apt-get', [...apt, 'update', '-q'])
  if (!updated.succeeded) return updated
  const needed = await listNeeded(apt, packages)
  const downloaded = await runCommand('apt-get', [...apt, 'download', ...(needed.length > 0 ? needed : packages)], {
    cwd: folder
  })
  if (!downloaded.succeeded) return downloaded
  const tree = join(home, `tree-${packages.join('-')}-${process.pid}`)
  for (const archive of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
    const extracted = await runCommand('dpkg-deb', ['--extract', join(folder, archive), tree])
    if (!extracted.succeeded) return extracted
  }
  writeStarters(tree)
  return { succeeded: true, output: '' }
}

/** Fetches the packages with the system's package manager and unpacks them here, without touching the system. */
export async function unpackDebianPackages(packages: readonly string[]): Promise<CommandResult> {
  mkdirSync(home, { recursive: true })
  const folder = mkdtempSync(join(home, 'fetch-'))
  try {
    return await unpack(folder, packages)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

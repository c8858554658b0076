import { unpackDebianPackages } from './debian-unpack.ts'
import { findProgram } from './programs.ts'
import { type CommandResult, runCommand } from './run-command.ts'

/**
 * Installs without starting daemons: an installed service would take the well-known port and outlive us. `policy-rc.d`
 * is Debian's own switch for that; it is put back as it was however the installation ends.
 */
const installScript = `policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\\nexit 101\\n' >$policy && chmod 755 $policy
fi
export DEBIAN_FRONTEND=noninteractive
install() { apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"; }
install "$@" || { apt-get update -q && install "$@"; } || exit 1
if [ -d /run/systemd/system ]; then systemctl disable "$@" || true; fi`

const isRoot = (): boolean => process.getuid?.() === 0

async function maySudo(): Promise<boolean> {
  return (await runCommand('sudo', ['-n', 'true'], { timeoutMs: 5_000 })).succeeded
}

function installForAll(packages: readonly string[]): Promise<CommandResult> {
  const command = ['/bin/sh', '-c', installScript, 'sh', ...packages]
  const [program, ...args] = isRoot() ? command : ['sudo', '-n', ...command]
  return runCommand(program ?? 'sudo', args, { cwd: '/' })
}

/** True when the packages of this system can be had with nobody at the keyboard. */
export function canInstallDebianPackages(environment: NodeJS.ProcessEnv): boolean {
  return ['apt-get', 'dpkg-deb'].every((name) => findProgram([name], environment) !== undefined)
}

/** Installs all `packages` in one run: for the machine when we may, else unpacked for this checkout alone. */
export async function installDebianPackages(packages: readonly string[]): Promise<CommandResult> {
  const privileged = isRoot() || (await maySudo())
  const installed = privileged ? await installForAll(packages) : { succeeded: false, output: '' }
  return installed.succeeded ? installed : await unpackDebianPackages(packages)
}

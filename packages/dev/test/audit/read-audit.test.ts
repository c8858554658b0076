import { test } from 'tap'
import { readAudit } from '../../src/audit/read-audit.ts'
import { reportAudit } from '../../src/commands/audit.ts'

const advisory = (severity: string) => ({
  module_name: 'left-pad',
  severity,
  title: 'It pads',
  url: 'https://x.example'
})

function run(output: string) {
  const lines: string[] = []
  return { code: reportAudit(readAudit(output), (line) => void lines.push(line)), lines }
}

test('a high or critical advisory fails, and is named', async (t) => {
  for (const severity of ['high', 'critical']) {
    const advisories = { 1: advisory(severity), 2: advisory('moderate') }
    const { code, lines } = run(`a warning\n${JSON.stringify({ advisories, metadata: {} })}\n`)
    t.equal(code, 1)
    t.same(lines, [
      `audit: left-pad, ${severity}, It pads, https://x.example`,
      'audit: 1 high or critical, 1 lesser advisories'
    ])
  }
})

test('lesser ones, and none at all, pass', async (t) => {
  t.same(run(JSON.stringify({ advisories: { 1: advisory('low') } })), {
    code: 0,
    lines: ['audit: 0 high or critical, 1 lesser advisories']
  })
  t.equal(run('{"advisories":{}}').code, 0)
})

test('a registry that cannot be asked is a line and no failure', async (t) => {
  const outputs = {
    'Error: ERR_PNPM_AUDIT_BAD_RESPONSE\n\n  × The audit endpoint responded with 405\n':
      'Error: ERR_PNPM_AUDIT_BAD_RESPONSE',
    '': 'no answer in time',
    '{"error":{"code":"ENOTFOUND"}}': '{"error":{"code":"ENOTFOUND"}}',
    '{"advisories":': '{"advisories":'
  }
  for (const [output, reason] of Object.entries(outputs)) {
    const line = `audit: not done, the registry could not be asked (${reason})`
    t.same(run(output), { code: 0, lines: [line] })
  }
})

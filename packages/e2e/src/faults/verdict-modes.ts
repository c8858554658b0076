import type { Platform } from './platform.ts'

/** `cached` or `asking`, of each gateway. */
export async function readVerdicts({ gateways }: Platform): Promise<string> {
  const answers = await Promise.all(
    gateways.map((gateway) => gateway.ask({ method: 'GET', path: '/readyz', deadlineMs: 2000 }))
  )
  return answers.map(({ text }) => /"verdicts":"(\w+)"/.exec(text)?.[1] ?? 'unknown').join(' ')
}

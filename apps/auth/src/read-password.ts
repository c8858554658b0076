import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  /** Where questions are shown. */
  readonly output: NodeJS.WritableStream
}

/** Asks on a terminal, where nothing shows what is typed; takes the first line of what is piped in. */
export async function readPassword({ input, output }: Terminal): Promise<string> {
  const isTerminal = input.isTTY === true
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: nowhere, terminal: isTerminal })
  try {
    if (isTerminal) output.write('Password: ')
    for await (const line of lines) return line
    return ''
  } finally {
    lines.close()
    if (isTerminal) output.write('\n')
  }
}

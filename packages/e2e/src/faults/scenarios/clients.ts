import { connect, type Socket } from 'node:net'
import type { Heal, Scenario, Stage } from '../scenario.ts'

const SLOW_SOCKETS = 300
const STORM_SOCKETS = 1500
const DRIP_MS = 500
/** As long as a request may take to arrive, and a little more to be hung up on. */
const SLOW_MS = 13_000
/** So many connections at a moment. */
const WAVE = 100

const HEADER = 'GET /v1/sessions/current HTTP/1.1\r\nhost: x\r\nx-slow: '
const BODY =
  'POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{"identifier":"'
/** Asks again and again, and never reads. */
const UNREAD = 'GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(4)

/** Connections to both gateways in turn. */
function createOpening({ platform }: Stage) {
  const sockets: Socket[] = []
  const open = (beginning: string): Socket => {
    const gateway = platform.service(sockets.length % 2 === 0 ? 'gateway-1' : 'gateway-2')
    const socket = connect(gateway.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(beginning)
    sockets.push(socket)
    return socket
  }
  return { sockets, open }
}

/** Sends a byte now and then, and reads what is said. */
function drip(socket: Socket): void {
  const timer = setInterval(() => socket.write('x'), DRIP_MS)
  socket.once('close', () => clearInterval(timer))
  socket.resume()
}

function beginSlowness(stage: Stage): readonly Socket[] {
  const { sockets, open } = createOpening(stage)
  for (let count = 0; count < SLOW_SOCKETS; count += 1) {
    drip(open(count % 2 === 0 ? HEADER : BODY))
    if (count % 10 === 0) open(UNREAD).pause()
  }
  return sockets
}

async function beginStorm(stage: Stage): Promise<Heal> {
  const { sockets, open } = createOpening(stage)
  for (let count = 0; count < STORM_SOCKETS; count += 1) {
    open('')
    if (count % WAVE === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return () => {
    for (const socket of sockets) socket.destroy()
  }
}

/** Those that do not read may go on a while: they are hung up on when nothing has moved for long. */
function createSlowClients(): Scenario {
  let sockets: readonly Socket[] = []
  return {
    name: 'slow-clients',
    fault: `${SLOW_SOCKETS} clients send a byte now and then, others never read`,
    forMs: SLOW_MS,
    stays: ['access', 'signIn', 'register', 'refresh', 'revoke'],
    begin: (stage) => {
      sockets = beginSlowness(stage)
      return () => undefined
    },
    check: () => {
      const left = sockets.filter((socket) => !socket.destroyed && !socket.isPaused()).length
      for (const socket of sockets) socket.destroy()
      return left > 0 ? [`${left} slow clients were not hung up on`] : []
    }
  }
}

export const clientScenarios: readonly Scenario[] = [
  createSlowClients(),
  {
    name: 'connection-storm',
    fault: `${STORM_SOCKETS} connections are opened at once, and nothing is asked over them`,
    forMs: 3000,
    stays: ['access', 'signIn', 'register', 'refresh', 'revoke'],
    begin: beginStorm
  }
]

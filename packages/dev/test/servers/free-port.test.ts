import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'tap'
import { isFree, pickFreePort, startOnFreePort } from '../../src/servers/free-port.ts'
import { ServerStartError } from '../../src/servers/server-process.ts'

test('the preferred port is taken again when it is free, and another one when not', async (t) => {
  const port = await pickFreePort()
  t.equal(await pickFreePort(port), port)
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  t.equal(await isFree(port), false)
  t.not(await pickFreePort(port), port)
})

test('a start that found its port in use is repeated on another port', async (t) => {
  const ports: number[] = []
  await startOnFreePort(async (port) => {
    ports.push(port)
    if (ports.length === 1) throw new ServerStartError('Redis', 'bind: Address already in use')
  })
  t.equal(ports.length, 2)
})

test('any other failure is not repeated', async (t) => {
  const fail = (): Promise<never> => Promise.reject(new ServerStartError('Redis', 'Bad directive\nFatal config error'))
  await t.rejects(startOnFreePort(fail), { message: 'Redis did not start: Fatal config error' })
})

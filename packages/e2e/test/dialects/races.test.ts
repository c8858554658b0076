import { t as root, test } from 'tap'
import type { Answer } from '../../src/http.ts'
import { newEmail } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'
import {
  type DeviceSession,
  emailDoors,
  newMobile,
  newUsername,
  registerJohn,
  registerXristos,
  SECRET
} from './people.ts'

const { api } = await startStack(root)
const race = (register: (index: number) => Promise<Answer>) =>
  Promise.all(Array.from({ length: 20 }, (_, index) => register(index)))
const sameBody = (answers: readonly Answer[], status: number) => [
  ...new Set(answers.filter((answer) => answer.status === status).map(({ body }) => JSON.stringify(body)))
]
const count = (answers: readonly Answer[], status: number) =>
  answers.filter((answer) => answer.status === status).length

const isLive = ({ isValid }: DeviceSession) => isValid

test('twenty parallel registrations of a mobile number, by dialect 1', async (t) => {
  const mobile = newMobile()
  const answers = await race((index) =>
    api('POST', '/createUser', { body: { mobile: index % 2 === 0 ? mobile : `+${mobile}`, username: 'SavingsBank' } })
  )
  t.strictSame([count(answers, 201), count(answers, 409)], [1, 19])
  t.strictSame(sameBody(answers, 409), ['{"message":"User already exists"}'])
  t.equal((await api('GET', `/user/${mobile}`)).body.sessions.length, 1)
})

test('twenty parallel registrations of an e-mail address, by dialect 2', async (t) => {
  const email = newEmail()
  const answers = await race((index) => registerJohn(api, index % 2 === 0 ? email : email.toUpperCase()))
  t.strictSame([count(answers, 201), count(answers, 400)], [1, 19])
  const taken = { errors: [{ msg: 'Email is already registered', param: 'email', location: 'body' }] }
  t.strictSame(sameBody(answers, 400), [JSON.stringify(taken)])
})

test('twenty parallel registrations of an e-mail address, by dialect 3', async (t) => {
  const email = newEmail()
  const answers = await race(() => registerXristos(api, email))
  t.strictSame([count(answers, 200), count(answers, 409)], [1, 19])
  t.strictSame(sameBody(answers, 409), ['{"success":false,"message":"User exist"}'])
})

test('twenty parallel registrations of a username, by dialect 4', async (t) => {
  const username = newUsername()
  const answers = await race((index) =>
    api('POST', '/register', {
      body: { username: index % 2 === 0 ? username : username.toUpperCase(), password: SECRET }
    })
  )
  t.strictSame([count(answers, 201), count(answers, 400)], [1, 19])
  t.strictSame(sameBody(answers, 400), ['{"message":"Username already exists"}'])
})

test('twenty parallel registrations of an e-mail address, to sign in by dialect 0, through all doors that register one', async (t) => {
  const email = newEmail()
  const doors = [
    () => registerJohn(api, email),
    () => registerXristos(api, email),
    () => api('POST', '/v1/users', { body: { email, password: SECRET } })
  ]
  const answers = await race((index) => (doors[index % doors.length] ?? (() => registerXristos(api, email)))())
  t.equal(answers.filter(({ status }) => status < 300).length, 1)
  t.equal(answers.filter(({ status }) => status >= 500).length, 0)
  const token = await emailDoors.activity(api, email)
  t.equal((await api('GET', '/api/activity', { token })).status, 200)
  t.equal((await api('GET', '/v1/sessions', { token })).body.items.length, 2, 'the losers opened none')
})

test('twenty parallel logins leave exactly one live session', async (t) => {
  const person = { mobile: newMobile(), username: 'SavingsBank' }
  await api('POST', '/createUser', { body: person })
  const answers = await race(() => api('POST', '/login', { body: person }))
  t.strictSame([...new Set(answers.map(({ status }) => status))], [200])
  const { activeSession, sessions } = (await api('GET', `/user/${person.mobile}`)).body
  t.equal(sessions.length, 21)
  const live = sessions.filter(isLive)
  t.strictSame(
    live.map(({ sessionKey }: DeviceSession) => sessionKey),
    [activeSession]
  )
  t.ok(answers.every(({ body }) => body.user.sessions.filter(isLive).length <= 1))
  t.ok(answers.every(({ body }) => body.message.startsWith('There is already a session up and running.')))
})

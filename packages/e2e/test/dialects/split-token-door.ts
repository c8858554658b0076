import type { Api } from '../../src/http.ts'
import { newEmail } from '../../src/people.ts'
import { presentCookies, registerXristos } from './people.ts'

type Headers = Record<string, string>

/** The signed-in calls of dialect 3, and a new user who has just registered through it. */
export function openSplitTokenDoor(api: Api) {
  return {
    getUser: (headers: Headers) => api('GET', '/api/v1/auth/user', { headers }),
    listSessions: (headers: Headers) => api('GET', '/api/v1/auth/user/active-sessions', { headers }),
    logout: (id: string, headers: Headers) => api('POST', `/api/v1/auth/user/logout/${id}`, { headers }),
    registered: async () => {
      const email = newEmail()
      const { sessionData } = (await registerXristos(api, email)).body
      return { email, sessionData, cookies: presentCookies(sessionData) }
    }
  }
}

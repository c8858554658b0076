/**
 * Who may call a route. `public`: anybody. `user`: the bearer of a live session. `admin`: one whose user is an admin at
 * this moment, whatever is kept. `leaving`: also the bearer of a session that is over, so that signing out twice, or
 * late, does no harm.
 */
export type Access = 'public' | 'user' | 'admin' | 'leaving'

import { ADMIN_ROUTES, DELETION_ROUTES } from './admin-routes.ts'
import { FACTOR_ROUTES } from './factor-routes.ts'
import { LINK_ROUTES } from './link-routes.ts'
import { OWNER_ROUTES } from './owner-routes.ts'
import type { Routes } from './route.ts'

/**
 * By which lives end. Not here: the end of everyone's sessions, which would end all other lives with the one that drew it;
 * a browser's next sign-in, which promises no end of the session it replaces; and time.
 */
export const ROUTES: Routes = {
  ...OWNER_ROUTES,
  ...LINK_ROUTES,
  ...FACTOR_ROUTES,
  ...ADMIN_ROUTES,
  ...DELETION_ROUTES
}

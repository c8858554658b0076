import { ADMIN_ROUTES, DELETION_ROUTES } from './admin-routes.ts'
import { OWNER_ROUTES } from './owner-routes.ts'
import type { Routes } from './route.ts'

/**
 * By which lives end. Not here: the end of everyone's sessions, which would end all other lives with the one that drew it;
 * what needs a mail, a second factor or a browser's cookies, whose endings go by the same calls as those that are here; and
 * time.
 */
export const ROUTES: Routes = { ...OWNER_ROUTES, ...ADMIN_ROUTES, ...DELETION_ROUTES }

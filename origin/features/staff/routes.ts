import { login, logout, SESSION_COOKIE, whoAmI } from '../../../shared/routes/auth.ts'
import { asStaff } from '../../platform/actors.ts'
import { Answer, type Bind } from '../../platform/bind.ts'
import { SESSION_SECONDS, type Staff } from './service.ts'

/** `__Host-`: this host only, TLS only. Strict: no other site can make the browser send it. */
function sessionCookie(value: string, seconds: number): Record<string, string> {
  return {
    'set-cookie': `${SESSION_COOKIE}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; Secure; SameSite=Strict`,
  }
}

export function bindStaff(bind: Bind, staff: Staff): void {
  bind(login, async ({ body }) => {
    const { token, session } = await staff.signIn(body)
    return new Answer(session, sessionCookie(token, SESSION_SECONDS))
  })
  bind(logout, async ({ actor }) => {
    await staff.signOut(asStaff(actor))
    return new Answer({ signedOut: true }, sessionCookie('', 0))
  })
  bind(whoAmI, ({ actor }) => staff.session(asStaff(actor)))
}

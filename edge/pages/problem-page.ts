/** Refusals as pages: what happened, in a guest's words, and where to go from here. */
import type { Context } from 'hono'
import { html } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Problem } from '../../shared/problems.ts'
import { page, type Site } from './layout.ts'

/** A problem as a page in the house's look, with its status. Of an unknown error it shows the request id and no more. */
export async function problemPage(site: Site, c: Context, problem: Problem): Promise<Response> {
  const { title, text, way } = wordsFor(problem)
  const requestId: unknown = c.get('requestId')
  c.header('cache-control', 'private, no-store')
  if (problem.retryAfterSeconds !== undefined) c.header('retry-after', String(problem.retryAfterSeconds))
  return await c.html(
    page(
      site,
      { title },
      html`<div class="problem"><p class="problem-window" aria-hidden="true"></p>
<h1>${title}</h1>
<p class="lead">${text}</p>
<p><a class="button" href="${way.href}">${way.text}</a></p>
${problem.status >= 500 && typeof requestId === 'string' ? html`<p class="quiet">If you write to us about this, mention ${requestId}</p>` : ''}</div>`,
    ),
    problem.status as ContentfulStatusCode,
  )
}

const HOTELS = { text: 'See the hotels', href: '/' }

function wordsFor(problem: Problem): { title: string; text: string; way: { text: string; href: string } } {
  switch (problem.slug) {
    case 'not-found':
      return {
        title: 'There is nothing here',
        text: String(problem.extensions.detail ?? 'The address may have a typing mistake, or the page has moved.'),
        way: HOTELS,
      }
    case 'method-not-allowed':
      return { title: 'There is nothing here', text: 'This page takes no such request.', way: HOTELS }
    case 'property-not-found':
      return { title: 'We don’t know this hotel', text: 'It may have left, or its address has changed.', way: HOTELS }
    case 'reservation-not-found':
      return {
        title: 'This booking is not open here',
        text: 'A booking opens in the browser it was made with, or with the private link from its confirmation. With reference and last name you can look up the stay.',
        way: { text: 'Look up a booking', href: '/my-booking' },
      }
    case 'cross-site-request':
      return {
        title: 'This form came from somewhere else',
        text: 'For your safety it was not carried out. Please open the page here and send it again.',
        way: HOTELS,
      }
    case 'too-many-requests':
      return { title: 'That was a lot at once', text: 'Please wait a minute and try again.', way: HOTELS }
    case 'origin-unavailable':
    case 'service-unavailable':
      return {
        title: 'We cannot reach the hotel right now',
        text: 'This usually passes within a minute. Please load the page again in a moment.',
        way: HOTELS,
      }
    case 'body-too-large':
    case 'unsupported-media-type':
    case 'invalid-request':
      return { title: 'That did not work', text: problem.message, way: HOTELS }
    default:
      return problem.status >= 500
        ? {
            title: 'Something went wrong on our side',
            text: 'It has been noted. Please try again; if you were cancelling or booking, look at your booking first.',
            way: { text: 'My booking', href: '/my-booking' },
          }
        : { title: problem.message, text: 'Please go back and try again.', way: HOTELS }
  }
}

/** A worker that does nothing: what remains of a start is workerd's own. */
export default {
  fetch(): Response {
    return new Response('ok')
  },
}

/**
 * Somebody who comes straight into a conversation goes back to the list, not out of the page: on a phone there is no other way to it.
 */
export function seedHistory(location: Location, history: History): void {
  const isDeep = location.pathname.startsWith('/chat/');
  if (!isDeep || history.state !== null) return;
  const here = location.pathname + location.search;
  history.replaceState({ seeded: true }, '', '/');
  history.pushState({ seeded: true }, '', here);
}

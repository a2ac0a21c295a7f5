/** `/#token=...`: how a platform's link signs somebody in. */

const NAME = 'token';

/**
 * Takes the token out of the address, and out of the history: who looks at this tab later finds none. Null: there is none.
 */
export function takeHashToken(location: Location, history: History): string | null {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const token = parameters.get(NAME);
  if (token === null) return null;
  parameters.delete(NAME);
  const rest = parameters.toString();
  const hash = rest === '' ? '' : `#${rest}`;
  history.replaceState(history.state, '', location.pathname + location.search + hash);
  return token === '' ? null : token;
}

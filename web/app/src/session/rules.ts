/** The server's rules for new accounts, checked before it is asked. */
export const PASSWORD_LEAST = 8;
export const PASSWORD_MOST = 1024;
const USERNAME = /^[A-Za-z0-9_.-]{3,32}$/;

export function isUsername(name: string): boolean {
  return USERNAME.test(name);
}

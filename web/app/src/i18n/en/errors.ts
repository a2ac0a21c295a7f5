/** What went wrong, and what to do, by the server's codes and our own. */
export const errors = {
  NETWORK: 'No answer from the server. Check the connection, then try again.',
  UNAVAILABLE: 'The server is busy. Try again in a moment.',
  RATE_LIMITED: 'That was a lot at once. Wait a little, then try again.',
  rateLimitedFor: (seconds: number) => `That was a lot at once. Try again in ${seconds} s.`,
  STORAGE_FULL: 'The server has no room left. Tell the people who run it.',
  UNAUTHORIZED: 'You are signed out. Sign in again.',
  FORBIDDEN: 'You may not do that.',
  BLOCKED: 'One of you blocks the other.',
  NOT_FOUND: 'It is not there any more.',
  CONFLICT: 'It has changed meanwhile. Reload the page, then try again.',
  VALIDATION_ERROR: 'The server does not take it like this. Check what you entered.',
  PAYLOAD_TOO_LARGE: 'It is too large.',
  UNSUPPORTED_MEDIA_TYPE: 'Files of this kind cannot be sent.',
  UNREADABLE: 'The file cannot be read any more. Choose it again.',
  CANCELLED: 'Cancelled.',
  other: 'Something went wrong. Try again; if it stays, tell the people who run this server.',
};

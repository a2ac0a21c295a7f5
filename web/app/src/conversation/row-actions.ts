import type { Message } from '@duologue/client';

/** What the rows of a thread can have done. The same object while the thread is open, so that no row renders for it. */
export interface RowActions {
  readonly partnerName: string;
  readonly copy: (content: string) => void;
  /** Asks first. `key`: of its row. */
  readonly remove: (message: Message, key: string) => void;
  readonly showInfo: (message: Message) => void;
  readonly retry: (key: string) => void;
  readonly discard: (key: string) => void;
}

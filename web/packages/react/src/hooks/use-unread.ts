import { useClient } from '../context.js';
import { useStore } from './use-store.js';

/** Unread messages of all conversations; null until it is known. */
export function useUnread(): number | null {
  return useStore(useClient().totalUnread);
}

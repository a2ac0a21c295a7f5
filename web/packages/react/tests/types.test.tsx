import type {
  Conversation,
  DuologueClient,
  GalleryItem,
  Id,
  Link,
  Me,
  Pending,
  Presence,
  TimelineItem,
} from '@duologue/client';
import { expectTypeOf, test } from 'vitest';
import {
  type Paged,
  type useConversations,
  useFileUrl,
  useGallery,
  type useMe,
  type useMessages,
  usePresence,
  type useSendMessage,
  useStore,
  useUnread,
  type useWebSocket,
} from '../src/index.js';

// Checked by the compiler: nothing is called here.

test('the hooks say what they give', () => {
  expectTypeOf<ReturnType<typeof useMessages>['items']>().toEqualTypeOf<readonly TimelineItem[]>();
  expectTypeOf<ReturnType<typeof useConversations>['conversations']>().toEqualTypeOf<readonly Conversation[]>();
  expectTypeOf<ReturnType<typeof useSendMessage>['send']>().returns.toEqualTypeOf<Promise<Pending>>();
  expectTypeOf<ReturnType<typeof useMe>['me']>().toEqualTypeOf<Me | undefined>();
  expectTypeOf(useUnread).returns.toEqualTypeOf<number | null>();
  expectTypeOf(usePresence).returns.toEqualTypeOf<Presence | undefined>();
  expectTypeOf<ReturnType<typeof useWebSocket>['ws']['readyState']>().toEqualTypeOf<0 | 1 | 3>();
});

test('a gallery of links holds links, one of media files', () => {
  expectTypeOf((id: Id) => useGallery(id, 'links')).returns.toEqualTypeOf<Paged<Link>>();
  expectTypeOf((id: Id) => useGallery(id, 'media')).returns.toEqualTypeOf<Paged<GalleryItem>>();
});

test('a store gives what is selected of it', () => {
  expectTypeOf((client: DuologueClient) => useStore(client.typing)).returns.toEqualTypeOf<ReadonlySet<Id>>();
  expectTypeOf((client: DuologueClient) => useStore(client.typing, ({ size }) => size)).returns.toEqualTypeOf<number>();
});

test('what does not exist is refused', () => {
  // @ts-expect-error: there is no such gallery
  expectTypeOf((id: Id) => useGallery(id, 'sounds')).not.toBeAny();
  // @ts-expect-error: there is no such part of a file
  expectTypeOf((media: GalleryItem) => useFileUrl(media, 'preview')).not.toBeAny();
  // @ts-expect-error: a send wants a text
  expectTypeOf((sender: ReturnType<typeof useSendMessage>) => sender.send()).not.toBeAny();
});

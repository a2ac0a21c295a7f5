import type { Answer, FileList, GalleryItem, Id, Link, LinkList, MediaList, Paging, Rest } from '@duologue/client';
import { useClient } from '../context.js';
import { type GalleryKind, keys } from '../keys.js';
import { type Paged, usePaged } from './use-paged.js';

/** What was sent in a conversation, newest first: images and videos, all other files, or links. */
export function useGallery(conversationId: Id, kind: 'links'): Paged<Link>;
export function useGallery(conversationId: Id, kind: 'media' | 'files'): Paged<GalleryItem>;
export function useGallery(conversationId: Id, kind: GalleryKind): Paged<GalleryItem | Link>;
export function useGallery(conversationId: Id, kind: GalleryKind): Paged<GalleryItem | Link> {
  const { rest, user } = useClient();
  return usePaged({
    queryKey: keys.gallery(user, conversationId, kind),
    fetch: (paging) => fetchOf(rest, kind, conversationId, paging),
    itemsOf,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

type Gallery = MediaList | FileList | LinkList;

const fetchOf = (rest: Rest, kind: GalleryKind, id: Id, paging: Paging): Promise<Answer<Gallery>> =>
  rest.conversations[kind](id, paging);

function itemsOf(data: Gallery): readonly (GalleryItem | Link)[] {
  if ('media' in data) return data.media;
  return 'files' in data ? data.files : data.links;
}

/** Addresses of files that want no token, for `<img>` and `<video>`: asked for together, and kept until they expire. */

import type { DuologueClient } from '../client.js';
import { DuologueError } from '../errors.js';
import type { Timers } from '../ports.js';
import { rootOf } from '../rest/http.js';
import type { Rest } from '../rest/rest.js';
import type { FileLink, Id } from '../wire.js';

type Links = ReadonlyMap<Id, FileLink>;

/** The server's limit for one request. */
const MOST = 50;
/** Milliseconds before its end in which a link is not handed out any more. */
const MARGIN = 60_000;

/**
 * `url`: the server's root, that links get to be absolute. Rejects with NOT_FOUND for a file that is gone or not to be seen.
 */
export function createFileUrls(rest: Pick<Rest, 'files'>, timers: Timers, url: string): DuologueClient['fileUrl'] {
  const known = new Map<Id, Promise<FileLink>>();
  const together = inBatches(async (ids) => {
    const { data } = await rest.files.links(ids);
    return new Map(data.links.map((link) => [link.id, link]));
  });
  const ask = (id: Id): Promise<FileLink> => {
    const asked = together(id).then((links) => linkIn(links, id));
    known.set(id, asked);
    asked.catch(() => known.delete(id));
    return asked;
  };
  const linkOf = async (id: Id): Promise<FileLink> => {
    const link = await (known.get(id) ?? ask(id));
    if (Date.parse(link.expiresAt) - MARGIN > timers.now()) return link;
    return await ask(id);
  };
  return async (media, part) => {
    const link = await linkOf(media.id);
    const path = part === 'thumbnail' ? (link.thumbnailUrl ?? link.url) : link.url;
    return path.startsWith('/') ? rootOf(url) + path : path;
  };
}

function linkIn(links: Links, id: Id): FileLink {
  const link = links.get(id);
  if (link === undefined) throw new DuologueError('NOT_FOUND', 'The file is gone, or not yours to see');
  return link;
}

/** Puts what is asked for in one tick into one call, as far as the limit lets. */
function inBatches(load: (ids: readonly Id[]) => Promise<Links>): (id: Id) => Promise<Links> {
  let ids = new Set<Id>();
  let answer: Promise<Links> | null = null;
  const begin = (): Promise<Links> => {
    const batch = new Set<Id>();
    ids = batch;
    return Promise.resolve().then(() => {
      if (ids === batch) answer = null;
      return load([...batch]);
    });
  };
  return (id) => {
    if (answer === null || ids.size >= MOST) answer = begin();
    ids.add(id);
    return answer;
  };
}

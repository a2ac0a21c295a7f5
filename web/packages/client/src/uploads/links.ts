/** Addresses of files that want no token, for `<img>` and `<video>`: asked for together, and kept until they expire. */

import type { DuologueClient } from '../client.js';
import { DuologueError } from '../errors.js';
import type { Timers } from '../ports.js';
import { rootOf } from '../rest/http.js';
import type { Rest } from '../rest/rest.js';
import type { FileLink, Id } from '../wire.js';

type FileUrls = Pick<DuologueClient, 'fileUrl' | 'dropFileUrl'>;
type Links = ReadonlyMap<Id, FileLink>;

/** The server's limit for one request. */
const MOST = 50;
/** Milliseconds before its end in which a link is not handed out any more. */
const MARGIN = 60_000;

/**
 * `url`: the server's root, that links get to be absolute. Rejects with NOT_FOUND for a file that is gone or not to be seen.
 */
export function createFileUrls(rest: Pick<Rest, 'files'>, kept: KeptLinks, url: string): FileUrls {
  const together = inBatches(async (ids) => {
    const { data } = await rest.files.links(ids);
    return new Map(data.links.map((link) => [link.id, link]));
  });
  const ask = (id: Id): Promise<FileLink> => {
    const asked = together(id).then((links) => linkIn(links, id));
    kept.keep(id, asked);
    return asked;
  };
  return {
    fileUrl: async ({ id }, part) => {
      const link = await (kept.get(id) ?? ask(id));
      const path = part === 'thumbnail' ? (link.thumbnailUrl ?? link.url) : link.url;
      return path.startsWith('/') ? rootOf(url) + path : path;
    },
    dropFileUrl: ({ id }) => kept.drop(id),
  };
}

interface Kept {
  readonly link: Promise<FileLink>;
  /** Milliseconds since the epoch; infinite while it is asked for. */
  until: number;
}

/** Links by file, until they expire. */
export class KeptLinks {
  readonly #timers: Timers;
  readonly #links = new Map<Id, Kept>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  get size(): number {
    return this.#links.size;
  }

  get(id: Id): Promise<FileLink> | undefined {
    const kept = this.#links.get(id);
    return kept !== undefined && this.#lives(kept) ? kept.link : undefined;
  }

  /** Those that expired go meanwhile: of files that are never seen again nobody asks. */
  keep(id: Id, link: Promise<FileLink>): void {
    for (const [other, found] of this.#links) if (!this.#lives(found)) this.drop(other);
    const kept = { link, until: Number.POSITIVE_INFINITY };
    this.#links.set(id, kept);
    link.then(
      ({ expiresAt }) => {
        kept.until = Date.parse(expiresAt) - MARGIN;
      },
      () => {
        if (this.#links.get(id) === kept) this.drop(id);
      },
    );
  }

  drop(id: Id): void {
    this.#links.delete(id);
  }

  #lives({ until }: Kept): boolean {
    return until > this.#timers.now();
  }
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

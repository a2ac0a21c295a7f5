import type { Media } from '@duologue/client';
import { useQuery } from '@tanstack/react-query';
import { useClient } from '../context.js';
import { keys } from '../keys.js';
import { retrying } from '../retry.js';

export interface FileUrl {
  /** For `<img>`, `<video>`; undefined until it is there. */
  readonly url: string | undefined;
  readonly error: Error | null;
  /** For another link: when it could not be loaded, it may have expired. */
  readonly refresh: () => Promise<unknown>;
}

/** The link of a file, or of its thumbnail. Undefined: none is wanted. The client keeps links until they expire. */
export function useFileUrl(media: Pick<Media, 'id' | 'url' | 'thumbnailUrl'> | undefined, part?: 'thumbnail'): FileUrl {
  const client = useClient();
  const { data, error, refetch } = useQuery({
    queryKey: keys.file(client.user, media?.id ?? '', part ?? 'file'),
    queryFn: () => (media === undefined ? null : client.fileUrl(media, part)),
    enabled: media !== undefined,
    ...retrying,
  });
  return { url: data ?? undefined, error, refresh: refetch };
}

import type { Block, BlockList } from '@duologue/client';
import { useClient } from '../context.js';
import { keys } from '../keys.js';
import { type Paged, usePaged } from './use-paged.js';

/** Whom the user blocks, newest first. */
export function useBlocks(): Paged<Block> {
  const { rest, user } = useClient();
  return usePaged({
    queryKey: keys.blocks(user),
    fetch: rest.blocks.list,
    itemsOf: blocksOf,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

const blocksOf = (data: BlockList): readonly Block[] => data.blocks;

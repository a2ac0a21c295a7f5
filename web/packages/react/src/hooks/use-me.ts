import type { ConnectionState, Me, SettingsChange } from '@duologue/client';
import { useMutation, useMutationState, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useClient } from '../context.js';
import { keys } from '../keys.js';
import { always, retrying } from '../retry.js';
import { useStore } from './use-store.js';

export interface MeState {
  /** Profile and settings, changes under way included; undefined until they are known. */
  readonly me: Me | undefined;
  /** Shows at once, in all that use this hook. If the server refuses, it rejects, and what was there before shows again. */
  readonly update: (change: SettingsChange) => Promise<Me>;
  readonly isPending: boolean;
  readonly error: Error | null;
  /** Asks for them anew, after they could not be had. */
  readonly refetch: () => Promise<unknown>;
}

/** In these the client knows who the user is, or asks as soon as it is let in. */
const ASKS_ITSELF: ReadonlySet<ConnectionState> = new Set(['idle', 'connecting', 'catching_up', 'online', 'polling']);

/** The user's own profile and settings, kept up to date by the socket. */
export function useMe(): MeState {
  const { rest, user, me: known, connection } = useClient();
  const isAsked = useStore(connection.status, ({ state }) => ASKS_ITSELF.has(state));
  const cache = useQueryClient();
  const queryKey = keys.me(user);
  const query = useQuery({
    queryKey,
    queryFn: async () => (await rest.users.me()).data,
    initialData: () => known.get() ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
    enabled: !isAsked,
    ...retrying,
  });
  const change = useMutation({
    ...always,
    mutationKey: queryKey,
    // One after the other: two changes of one setting arrive in the order they were made in.
    scope: { id: queryKey.join() },
    mutationFn: async (wanted: SettingsChange) => (await rest.users.update(wanted)).data,
    onSuccess: (changed) => cache.setQueryData(queryKey, changed),
  });
  return {
    me: useChanged(query.data, queryKey),
    update: change.mutateAsync,
    isPending: change.isPending,
    error: change.error ?? query.error,
    refetch: query.refetch,
  };
}

/** What the server has, as it will be when all changes under way succeed: a refused one falls out by itself. */
function useChanged(me: Me | undefined, mutationKey: ReturnType<typeof keys.me>): Me | undefined {
  const changes = useMutationState({
    filters: { mutationKey, status: 'pending' },
    select: (mutation) => mutation.state.variables as SettingsChange,
  });
  return useMemo(() => (me === undefined ? undefined : changes.reduce(applied, me)), [me, changes]);
}

/** As the server does it: no display name is the username, no avatar "". */
function applied(me: Me, { displayName, avatar, avatarUrl, ...settings }: SettingsChange): Me {
  const picture = avatarUrl === undefined ? avatar : avatarUrl;
  return {
    ...me,
    ...settings,
    ...(displayName === undefined ? {} : { displayName: displayName || me.username }),
    ...(picture === undefined ? {} : { avatar: picture ?? '' }),
  };
}

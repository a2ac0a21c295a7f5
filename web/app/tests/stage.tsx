/** The app's components around a real client in memory. Its network is off, or answers what a test says. */

import type { DuologueClient, Media, Message } from '@duologue/client';
import { createClient } from '@duologue/client';
import { createWorld, type MemoryPlatform, memory, type World } from '@duologue/client/memory';
import { DuologueProvider } from '@duologue/react';
import { QueryClient } from '@tanstack/react-query';
import { cleanup, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, vi } from 'vitest';
import { ToastProvider } from '../src/ui/toast';
import { InEnglish } from './in-english';

export const ME = '00000000-0000-4000-8000-000000000001';
export const PARTNER = '00000000-0000-4000-8000-000000000002';
export const CONVERSATION = '00000000-0000-4000-8000-00000000000c';

export interface Stage {
  readonly client: DuologueClient;
  readonly platform: MemoryPlatform;
  /** `container`: default, one in the document. */
  readonly show: (element: ReactNode, container?: HTMLElement) => ReturnType<typeof render>;
}

const ends: (() => void)[] = [];
afterEach(() => {
  cleanup();
  for (const end of ends.splice(0)) end();
});

/** Path and query of a request, to a status and a body; a request without an answer never ends. */
type Answers = (path: string) => { readonly status: number; readonly body: unknown } | undefined;

export function setStage(answers?: Answers, world: World = createWorld()): Stage {
  const fetch = (input: RequestInfo | URL) => {
    const answer = answers?.(String(input).replace('http://server', ''));
    if (!answer) return new Promise<Response>(() => undefined);
    return Promise.resolve(Response.json(answer.body, { status: answer.status }));
  };
  const platform = memory({ world, fetch, openSocket: () => ({ send: () => undefined, close: () => undefined }) });
  if (!answers) platform.network.setOnline(false);
  const getToken = () => Promise.resolve('token');
  const client = createClient({ url: 'http://server', user: ME, platform, getToken });
  const cache = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  ends.push(() => platform.end());
  const Around = ({ children }: { readonly children: ReactNode }) => (
    <InEnglish>
      <DuologueProvider client={client} queryClient={cache}>
        <ToastProvider>{children}</ToastProvider>
      </DuologueProvider>
    </InEnglish>
  );
  return {
    client,
    platform,
    show: (element, container) =>
      render(element, { wrapper: Around, reactStrictMode: true, ...(container ? { container } : {}) }),
  };
}

/** A device without room: it keeps no message. */
export function fullWorld(): World {
  const world = createWorld();
  const full = () => Promise.reject(new DOMException('No room', 'QuotaExceededError'));
  return { ...world, storage: (name) => ({ ...world.storage(name), put: full }) };
}

let last = 0;

export function media(facts: Partial<Media> = {}): Media {
  last += 1;
  const id = `00000000-0000-4000-8000-${String(last).padStart(12, '0')}`;
  const name = facts.originalFilename ?? `${last}.jpg`;
  return {
    id,
    type: 'image',
    url: `/uploads/${id}`,
    filename: name,
    originalFilename: name,
    size: 1000,
    mimeType: 'image/jpeg',
    uploadedAt: '2026-11-21T10:00:00.000000Z',
    ...facts,
  };
}

export function message(own: Media[]): Message {
  return {
    id: '00000000-0000-4000-8000-00000000000d',
    conversationId: CONVERSATION,
    senderId: PARTNER,
    receiverId: ME,
    type: 'file',
    content: null,
    media: own,
    status: 'sent',
    isRead: false,
    createdAt: '2026-11-21T10:00:00.000000Z',
    updatedAt: '2026-11-21T10:00:00.000000Z',
  };
}

/** What jsdom does not have, as far as these components ask for it. */
export function completeDom(): void {
  const list = { matches: false, addEventListener: () => undefined, removeEventListener: () => undefined };
  vi.stubGlobal('matchMedia', () => list);
  let urls = 0;
  URL.createObjectURL = () => {
    urls += 1;
    return `blob:${urls}`;
  };
  URL.revokeObjectURL = () => undefined;
  HTMLElement.prototype.showPopover = function show() {
    this.style.display = 'block';
  };
  HTMLElement.prototype.hidePopover = function hide() {
    this.style.display = '';
  };
  HTMLCanvasElement.prototype.getContext = () => null;
}

/** Parts of the page as somebody with an account on a real server sees them. */

import './browser';

import { DuologueProvider } from '@duologue/react';
import type { ReactNode } from 'react';
import { Router } from 'wouter';
import { memoryLocation } from 'wouter/memory-location';
import type { Person } from '../../packages/react/tests/person';
import { ToastProvider } from '../src/ui/toast';
import { type RenderResult, render } from './testing';

export interface Seen extends RenderResult {
  /** Where the page is now. */
  readonly path: () => string;
}

/** Renders a part of the page for that person; it starts at `/`. */
export function seenBy(person: Person, part: ReactNode): Seen {
  const { hook, history } = memoryLocation({ path: '/', record: true });
  const result = render(
    <Router hook={hook}>
      <DuologueProvider client={person.client} queryClient={person.cache}>
        <ToastProvider>{part}</ToastProvider>
      </DuologueProvider>
    </Router>,
  );
  return { ...result, path: () => history.at(-1) ?? '' };
}

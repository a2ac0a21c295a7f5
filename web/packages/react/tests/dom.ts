/**
 * A document for React, and Node's own network. Vitest's environments of a DOM replace `Event` too, which Node's WebSocket does not take.
 * To be imported before React and the testing library.
 */

import { JSDOM } from 'jsdom';

const { window } = new JSDOM('<!doctype html>', { url: 'http://localhost', pretendToBeVisual: true });
const names = [
  'window',
  'document',
  'Node',
  'Element',
  'HTMLElement',
  'HTMLIFrameElement',
  'MutationObserver',
] as const;
for (const name of names) Object.defineProperty(globalThis, name, { value: window[name], configurable: true });

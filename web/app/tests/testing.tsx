/** React's testing library, as strict as in development, on the document of `browser.ts`. */

import './browser';

import { cleanup, configure, type RenderResult, render as renderPlain } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach } from 'vitest';
import { InEnglish } from './in-english';

// biome-ignore lint/performance/noBarrelFile: it must not be imported before the document is there
export { act, fireEvent, type RenderResult, screen, waitFor, within } from '@testing-library/react';

configure({ reactStrictMode: true, asyncUtilTimeout: 8000 });
afterEach(cleanup);

export function render(element: ReactNode): RenderResult {
  return renderPlain(element, { wrapper: InEnglish });
}

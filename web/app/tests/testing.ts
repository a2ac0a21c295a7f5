/** React's testing library, as strict as in development, on the document of `browser.ts`. */

import './browser';

import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

// biome-ignore lint/performance/noBarrelFile: it must not be imported before the document is there
export { act, fireEvent, type RenderResult, render, screen, waitFor, within } from '@testing-library/react';

configure({ reactStrictMode: true, asyncUtilTimeout: 8000 });
afterEach(cleanup);

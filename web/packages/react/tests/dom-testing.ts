/** React's testing library, as strict as in development, on a document of its own. */

import './dom.js';

import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

// biome-ignore lint/performance/noBarrelFile: it must not be imported before the document is there
export { act, type RenderHookResult, renderHook, waitFor } from '@testing-library/react';

configure({ reactStrictMode: true, asyncUtilTimeout: 10_000 });
afterEach(cleanup);

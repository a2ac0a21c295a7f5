/** Files judged before anything is uploaded. Pure: what is refused, and why, comes back for the page to put in words. */

import { MAX_FILES, MAX_IMAGES, MAX_TOGETHER } from '../limits';
import { type Category, kindOf, LIMITS } from './kinds';

export interface FileFacts {
  readonly name: string;
  /** As the browser declares it; may be empty. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
}

/** `limit` is bytes for `size` and `together`, a number of files for `count` and `images`. */
export interface Refusal {
  readonly name: string;
  readonly reason: 'ending' | 'heic' | 'folder' | 'empty' | 'size' | 'together' | 'count' | 'images';
  readonly limit?: number;
}

export interface Chosen {
  readonly category: Category;
  readonly size: number;
}

const HEIC = /\.hei[cf]$/i;

/** What can be said of a file before it is opened. An image may still be too large: it becomes smaller first. */
export function checkKind(file: FileFacts): Refusal | Category {
  const found = kindOf(file.name, file.type);
  if (!found) return { name: file.name, reason: HEIC.test(file.name) ? 'heic' : 'ending' };
  if (file.size === 0) return { name: file.name, reason: 'empty' };
  return found.category;
}

/** Whether this file still fits beside those that were chosen: its own size, their number, their sum. */
export function checkFit(file: FileFacts, category: Category, chosen: readonly Chosen[]): Refusal | null {
  return checkSize(file, category) ?? checkCount(file.name, category, chosen) ?? checkTogether(file, chosen);
}

function checkSize(file: FileFacts, category: Category): Refusal | null {
  const limit = LIMITS[category];
  return file.size > limit ? { name: file.name, reason: 'size', limit } : null;
}

/** Five files, or ten if all are images: one file of another kind among six images is one too many. */
export function checkCount(name: string, category: Category, chosen: readonly Chosen[]): Refusal | null {
  const areImages = category === 'image' && chosen.every((each) => each.category === 'image');
  const limit = areImages ? MAX_IMAGES : MAX_FILES;
  if (chosen.length < limit) return null;
  return { name, reason: areImages ? 'images' : 'count', limit };
}

function checkTogether(file: FileFacts, chosen: readonly Chosen[]): Refusal | null {
  const sum = chosen.reduce((total, each) => total + each.size, file.size);
  return sum > MAX_TOGETHER ? { name: file.name, reason: 'together', limit: MAX_TOGETHER } : null;
}

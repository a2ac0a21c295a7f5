/** What a push becomes, without touching the worker's globals: the page shows its own notifications by the same rules. */
import { isSameName, pathOf, usernameAt } from '../address';
import type { DevicePreferences } from '../settings/device';
import { isPage } from './shell-cache';
import { TEXTS } from './texts';

/** A message to tell of. */
export interface MessagePush {
  readonly type: 'message';
  readonly conversationId: string;
  readonly username: string;
  readonly displayName: string;
  readonly preview?: string;
  /** Unread messages of all conversations. */
  readonly count: number;
}
/** `unknown`: of a newer server; something has come, and that is all that is said. */
export type Push = MessagePush | { readonly type: 'unknown' };

/** The part of a window that decides. */
export interface OpenWindow {
  readonly url: string;
  readonly visibilityState: DocumentVisibilityState;
}

// The DOM's own types leave `renotify` out, which Chromium and Firefox know.
export interface ShownOptions extends NotificationOptions {
  readonly renotify: boolean;
}

export function readPush(text: string): Push {
  try {
    const value: unknown = JSON.parse(text);
    return isMessagePush(value) ? value : { type: 'unknown' };
  } catch {
    return { type: 'unknown' };
  }
}

function isMessagePush(value: unknown): value is MessagePush {
  if (typeof value !== 'object' || value === null) return false;
  const push: Partial<Record<keyof MessagePush, unknown>> = value;
  const texts = [push.conversationId, push.username, push.displayName];
  return push.type === 'message' && texts.every((text) => typeof text === 'string') && typeof push.count === 'number';
}

function targetOf(push: Push): string {
  return push.type === 'message' ? pathOf(push.username) : '/';
}

/** Those that show the client: a window of the server's documentation goes nowhere when it is told to. */
export function clientWindows<W extends Pick<OpenWindow, 'url'>>(windows: readonly W[]): readonly W[] {
  return windows.filter(({ url }) => isPage(new URL(url).pathname));
}

/** Whether somebody looks at that very conversation right now. */
export function isShown(push: Push, windows: readonly OpenWindow[]): boolean {
  if (push.type !== 'message') return false;
  return windows.some(
    ({ url, visibilityState }) =>
      visibilityState === 'visible' && isSameName(push.username, usernameAt(new URL(url).pathname) ?? undefined),
  );
}

/** One per conversation: a newer message takes the place of the one before, and rings again. */
export function toNotification(push: Push, device: DevicePreferences): { title: string; options: ShownOptions } {
  const texts = TEXTS[device.locale];
  const isMessage = push.type === 'message';
  const preview = isMessage && device.showsPreview ? push.preview : undefined;
  return {
    title: isMessage ? push.displayName : 'Duologue',
    options: {
      body: preview === undefined || preview === '' ? texts.newMessage : preview,
      tag: isMessage ? push.conversationId : 'duologue',
      renotify: true,
      silent: !device.playsSound,
      icon: '/icon-192.png',
      lang: device.locale,
      data: { path: targetOf(push) },
    },
  };
}

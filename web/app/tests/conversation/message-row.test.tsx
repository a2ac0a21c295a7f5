import '../browser';

import type { TimelineItem } from '@duologue/client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setStage } from '../stage';
import { act, fireEvent, render, screen } from '../testing';
import { message, messages, NOON, pending } from './items';
import { Page, record } from './rows';

afterEach(() => vi.useRealTimers());

const show = (...items: TimelineItem[]) => {
  const recorded = record();
  render(<Page items={items} actions={recorded.actions} />);
  return recorded;
};
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));
// jsdom takes every popover for closed.
const choose = (name: string) => fireEvent.click(screen.getByRole('menuitem', { name, hidden: true }));

describe('a message', () => {
  it('shows markup as it was written', () => {
    show(message('a', { content: '<script>alert(1)</script><img src=x onerror=alert(2)>' }));
    expect(screen.getByText('<script>alert(1)</script><img src=x onerror=alert(2)>')).toBeTruthy();
    expect(document.querySelector('article script, article img')).toBeNull();
  });

  it('opens links elsewhere and tells them nothing', () => {
    show(message('a', { content: 'see https://example.org/x.' }));
    const link = screen.getByRole('link', { name: 'https://example.org/x' });
    expect(link.getAttribute('href')).toBe('https://example.org/x');
    expect(link.getAttribute('rel')).toBe('noopener noreferrer nofollow');
    expect(link.getAttribute('target')).toBe('_blank');
  });

  it('says how far it has come', () => {
    const own = { own: true, at: NOON };
    const sent = [message('a', { ...own, status: 'delivered' }), message('b', { ...own, status: 'read' })];
    setStage().show(<Page items={[...sent, pending('c', 'queued')]} actions={record().actions} />);
    for (const name of ['Delivered', 'Read', 'Waiting to be sent'])
      expect(screen.getByRole('img', { name })).toBeTruthy();
  });

  it('that failed says why, and can be tried again or discarded', () => {
    const item = pending('a', 'failed');
    const error = { code: 'BLOCKED', message: '', retryable: false };
    const { calls } = show({ ...item, pending: { ...item.pending, error } });
    expect(screen.getByText('They do not receive messages from you at present.')).toBeTruthy();
    press('Try again');
    press('Discard');
    expect(calls).toEqual([
      ['retry', 'a'],
      ['discard', 'a'],
    ]);
  });
});

describe('the menu of a message', () => {
  it('opens by Enter and deletes one’s own', () => {
    const item = message('a', { own: true });
    const { calls } = show(item);
    fireEvent.keyDown(screen.getByRole('article'), { key: 'Enter' });
    choose('Delete');
    expect(calls).toEqual([['remove', item.kind === 'message' ? item.message : null]]);
  });

  it('copies the text of another’s, and does not offer to delete it', () => {
    const { calls } = show(message('a', { content: 'Words' }));
    fireEvent.pointerEnter(screen.getByRole('article'));
    press('What can be done with this message');
    expect(screen.queryByRole('menuitem', { name: 'Delete', hidden: true })).toBeNull();
    choose('Copy text');
    expect(calls).toEqual([['copy', 'Words']]);
  });

  it('opens by a finger that rests, and not by one that moves, scrolls or leaves', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    show(message('a', { content: 'Words https://example.org/x' }));
    const row = screen.getByRole('article');
    const finger = { pointerType: 'touch', isPrimary: true, clientX: 50, clientY: 50 };
    const rest = (ms: number) => act(() => vi.advanceTimersByTime(ms));
    const menu = () => screen.queryByRole('menu', { hidden: true });
    const touch = (target: Element, event = finger) => fireEvent.pointerDown(target, event);
    for (const end of [
      () => fireEvent.pointerMove(row, { ...finger, clientY: 70 }),
      () => fireEvent.pointerCancel(row, finger),
      () => fireEvent.pointerUp(row, finger),
    ]) {
      touch(row);
      rest(400);
      end();
      rest(400);
      expect(menu()).toBeNull();
    }
    touch(row, { ...finger, pointerType: 'mouse' });
    touch(screen.getByRole('link'));
    rest(1000);
    expect(menu()).toBeNull();
    touch(row);
    expect(row.dataset.pressing).toBe('');
    fireEvent.pointerMove(row, { ...finger, clientY: 55 });
    rest(500);
    expect(menu()).not.toBeNull();
    expect(row.dataset.pressing).toBeUndefined();
    expect(fireEvent.touchEnd(row)).toBe(false);
    expect(fireEvent.touchEnd(row)).toBe(true);
  });

  it('is not there until somebody comes near', () => {
    show(...messages(150));
    expect(screen.queryAllByRole('button')).toHaveLength(0);
  });
});

describe('rendering', () => {
  /** How often each message is looked at. */
  function counted(items: readonly TimelineItem[]) {
    const renders = new Map<string, number>();
    for (const item of items) {
      if (item.kind !== 'message') continue;
      const { content } = item.message;
      const get = () => {
        renders.set(item.key, (renders.get(item.key) ?? 0) + 1);
        return content;
      };
      Object.defineProperty(item.message, 'content', { get });
    }
    return renders;
  }

  it('touches only the last row and the new one when a message comes, though all items are new objects', () => {
    const items = messages(100);
    const { actions } = record();
    const { rerender } = render(<Page items={items} actions={actions} />);
    const renders = counted(items);
    const next = [...items.map((item) => ({ ...item })), message('new', { own: true, at: NOON + 100 * 60_000 })];
    rerender(<Page items={next} actions={actions} />);
    expect([...renders.keys()]).toEqual(['m99']);
    expect(screen.getByText('text new')).toBeTruthy();
  });

  it('touches no row when nothing of the messages changed', () => {
    const items = messages(100);
    const { actions } = record();
    const { rerender } = render(<Page items={items} actions={actions} />);
    const renders = counted(items);
    rerender(<Page items={[...items]} actions={actions} />);
    expect(renders.size).toBe(0);
  });

  it('touches the one whose receipt came', () => {
    const items = messages(10);
    const { actions } = record();
    const { rerender } = render(<Page items={items} actions={actions} />);
    const renders = counted(items);
    const next = items.map((item) =>
      item.kind === 'message' && item.key === 'm3'
        ? {
            ...item,
            status: 'read' as const,
            message: { ...item.message, content: 'text m3', status: 'read' as const },
          }
        : item,
    );
    renders.clear();
    rerender(<Page items={next} actions={actions} />);
    expect(renders.size).toBe(0);
    expect(screen.getAllByRole('img', { name: 'Read' })).toHaveLength(1);
  });
});

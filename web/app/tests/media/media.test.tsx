// @vitest-environment jsdom
import type { Media, Pending, TimelineItem } from '@duologue/client';
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Galleries } from '../../src/media/galleries';
import { MessageMedia } from '../../src/media/message-media';
import { silence } from '../../src/media/sound';
import { CONVERSATION, completeDom, media, message, type Stage, setStage } from '../stage';

beforeEach(() => {
  completeDom();
  HTMLDialogElement.prototype.showModal = function show() {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close() {
    this.open = false;
  };
});
afterEach(() => {
  silence();
  vi.restoreAllMocks();
});

const WIDE = /^1\.777/;
const EXAMPLE = /example\.com/;
const arrived = (own: Media[]): TimelineItem => ({
  kind: 'message',
  key: 'k',
  message: message(own),
  status: 'received',
});

/** Signed links for whatever is asked for. */
const links = (ids: Media[]) => (path: string) => {
  if (!path.endsWith('/files/links')) return;
  const all = ids.map(({ id }) => ({ id, url: `/signed/${id}`, expiresAt: '2099-01-01T00:00:00Z' }));
  return { status: 200, body: { success: true, message: '', data: { links: all } } };
};

describe('pictures of a message', () => {
  it('have their room before they come, and a link when they are near', async () => {
    const own = [media({ width: 1600, height: 900 })];
    const { container } = setStage(links(own)).show(<MessageMedia item={arrived(own)} />);
    const grid = container.querySelector<HTMLElement>('[style*="aspect-ratio"]');
    expect(grid?.style.aspectRatio).toMatch(WIDE);
    await waitFor(() => expect(container.querySelector('img')?.src).toBe(`http://server/signed/${own[0]?.id}`));
  });

  it('say how many more there are', () => {
    const own = Array.from({ length: 6 }, (_, index) => media({ originalFilename: `p${index}.jpg` }));
    setStage().show(<MessageMedia item={arrived(own)} />);
    expect(screen.getAllByRole('button')).toHaveLength(4);
    expect(screen.getByRole('button', { name: 'Picture: p3.jpg, open; 2 more' })).toBeTruthy();
  });

  it('ask for another link once, then say that they are broken and try again when told', async () => {
    const own = [media()];
    const { container } = setStage(links(own)).show(<MessageMedia item={arrived(own)} />);
    const image = () => waitFor(() => container.querySelector('img') ?? expect.unreachable());
    fireEvent.error(await image());
    const first = await image();
    await waitFor(() => expect(container.querySelector('img')).not.toBe(first));
    fireEvent.error(await image());
    fireEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    await image();
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
  });

  it('open large, step by arrows, close by Escape', async () => {
    const own = [media({ originalFilename: 'one.jpg' }), media({ originalFilename: 'two.jpg' })];
    setStage(links(own)).show(<MessageMedia item={arrived(own)} />);
    fireEvent.click(screen.getByRole('button', { name: 'Picture: one.jpg, open' }));
    const dialog = await screen.findByRole('dialog');
    expect(dialog.textContent).toContain('1 of 2');
    fireEvent.keyDown(dialog, { key: 'ArrowRight' });
    expect(dialog.textContent).toContain('two.jpg');
    fireEvent.keyDown(dialog, { key: 'ArrowRight' });
    expect(dialog.textContent).toContain('2 of 2');
    fireEvent.keyDown(dialog, { key: 'ArrowLeft' });
    expect(dialog.textContent).toContain('one.jpg');
    fireEvent(dialog, new Event('cancel', { cancelable: true }));
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('keep their keys from the conversation behind, which has its own', async () => {
    const own = [media({ originalFilename: 'one.jpg' })];
    const heard: string[] = [];
    setStage(links(own)).show(
      // biome-ignore lint/a11y/noStaticElementInteractions: stands for the thread
      <div onKeyDown={({ key }) => heard.push(key)}>
        <MessageMedia item={arrived(own)} />
      </div>,
    );
    fireEvent.click(screen.getByRole('button', { name: 'Picture: one.jpg, open' }));
    fireEvent.keyDown(await screen.findByRole('dialog'), { key: 'Escape' });
    expect(heard).toEqual([]);
  });
});

describe('what lies just outside of a scroller', () => {
  it('is fetched before it is seen, also where the scroller would cut it off', () => {
    const asked: IntersectionObserverInit[] = [];
    vi.stubGlobal(
      'IntersectionObserver',
      class {
        observe = () => undefined;
        disconnect = () => undefined;
        constructor(_: unknown, init: IntersectionObserverInit) {
          asked.push(init);
        }
      },
    );
    setStage().show(<MessageMedia item={arrived([media()])} />);
    vi.unstubAllGlobals();
    expect(asked[0]).toMatchObject({ rootMargin: '600px', scrollMargin: '600px' });
  });
});

describe('files of a message', () => {
  it('stand as cards with name, size and a way to have them', async () => {
    const own = [media({ type: 'file', originalFilename: 'report.pdf', size: 1_500_000 })];
    setStage().show(<MessageMedia item={arrived(own)} />);
    await screen.findByText('report.pdf');
    expect(screen.getByText('1.5 MB')).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Download report.pdf' })).toBeTruthy();
  });

  it('on their way show how far each is, and can be called off', async () => {
    const stage = setStage();
    const blob = new Blob(['12345678'], { type: 'application/pdf' });
    const draft = {
      conversationId: CONVERSATION,
      content: '',
      files: [{ blob, name: 'a.pdf', kind: 'file' as const }],
    };
    const kept = await stage.client.outbox.send(draft);
    const pending: Pending = { ...kept, state: 'sending', uploads: [{ sent: 2, size: 8 }] };
    stage.show(<MessageMedia item={{ kind: 'pending', key: kept.key, pending, status: 'sending' }} />);
    const bar = await screen.findByRole<HTMLProgressElement>('progressbar', { name: 'Uploading a.pdf' });
    expect([bar.value, bar.max]).toEqual([2, 8]);
    fireEvent.click(screen.getByRole('button', { name: 'Cancel sending' }));
    await waitFor(() => expect(stage.client.outbox.entries.get()).toEqual([]));
  });
});

const voice = (facts: Partial<Media> = {}) =>
  media({
    type: 'audio',
    originalFilename: 'voice-20261121-101500.webm',
    duration: 65,
    waveform: [0, 50, 100],
    ...facts,
  });

function letPlay(): void {
  Object.defineProperty(HTMLMediaElement.prototype, 'paused', { configurable: true, get: () => true });
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockImplementation(function play(this: HTMLMediaElement) {
    this.dispatchEvent(new Event('play'));
    return Promise.resolve();
  });
  vi.spyOn(HTMLMediaElement.prototype, 'pause').mockImplementation(function pause(this: HTMLMediaElement) {
    this.dispatchEvent(new Event('pause'));
  });
}

describe('a sound', () => {
  it('knows its length before anything of it is loaded, and moves by keys', async () => {
    const { container } = setStage().show(<MessageMedia item={arrived([voice()])} />);
    const slider = await screen.findByRole<HTMLInputElement>('slider', { name: 'Position in Voice message' });
    expect(slider.getAttribute('aria-valuetext')).toBe('0:00 of 1:05');
    fireEvent.keyDown(slider, { key: 'PageUp' });
    expect(slider.getAttribute('aria-valuetext')).toBe('0:15 of 1:05');
    expect(container.querySelector('audio')?.currentTime).toBe(15);
  });

  it('plays faster', async () => {
    const { container } = setStage().show(<MessageMedia item={arrived([voice()])} />);
    fireEvent.click(await screen.findByRole('button', { name: 'Speed 1' }));
    fireEvent.click(screen.getByRole('button', { name: 'Speed 1.5' }));
    expect(container.querySelector('audio')?.playbackRate).toBe(2);
    fireEvent.click(screen.getByRole('button', { name: 'Speed 2' }));
    expect(container.querySelector('audio')?.playbackRate).toBe(1);
  });

  it('stops the one that was heard before', async () => {
    const own = [voice(), voice({ originalFilename: 'song.mp3' })];
    letPlay();
    setStage(links(own)).show(<MessageMedia item={arrived(own)} />);
    fireEvent.click(await screen.findByRole('button', { name: 'Play Voice message' }));
    expect(await screen.findByRole('button', { name: 'Pause Voice message' })).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Play song.mp3' }));
    expect(await screen.findByRole('button', { name: 'Pause song.mp3' })).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Play Voice message' })).toBeTruthy();
  });
});

describe('a sound whose address changes', () => {
  async function onItsWay({ client }: Stage): Promise<TimelineItem> {
    const blob = new File(['sound'], 'voice-20261121-101500.webm', { type: 'audio/webm' });
    const files = [{ blob, name: blob.name, kind: 'file' as const }];
    const pending = await client.outbox.send({ conversationId: CONVERSATION, content: '', files });
    return { kind: 'pending', key: 'k', pending, status: 'sending' };
  }

  it('of one’s own keeps that of the device when its message has arrived', async () => {
    const revoked: string[] = [];
    URL.revokeObjectURL = (address) => revoked.push(address);
    const stage = setStage();
    const { container, rerender } = stage.show(<MessageMedia item={await onItsWay(stage)} />);
    const source = () => container.querySelector('audio')?.getAttribute('src') ?? '';
    await waitFor(() => expect(source()).toContain('blob:'));
    rerender(<MessageMedia item={arrived([voice()])} />);
    expect(source()).toContain('blob:');
    expect(revoked).not.toContain(source());
  });

  it('whose link had expired plays by the next one, without another press', async () => {
    const own = [voice()];
    letPlay();
    const { container } = setStage(links(own)).show(<MessageMedia item={arrived(own)} />);
    const audio = () => container.querySelector('audio') ?? expect.unreachable();
    await waitFor(() => expect(audio().src).toContain('/signed/'));
    fireEvent.click(screen.getByRole('button', { name: 'Play Voice message' }));
    const first = audio();
    fireEvent.error(first);
    await waitFor(() => expect(audio()).not.toBe(first));
    expect(vi.mocked(audio().play).mock.contexts.at(-1)).toBe(audio());
    expect(screen.getByRole('button', { name: 'Pause Voice message' })).toBeTruthy();
  });

  it('that the device has lost is fetched from the server', async () => {
    const own = [voice()];
    const stage = setStage(links(own));
    const { container, rerender } = stage.show(<MessageMedia item={await onItsWay(stage)} />);
    const audio = () => container.querySelector('audio') ?? expect.unreachable();
    await waitFor(() => expect(audio().src).toContain('blob:'));
    rerender(<MessageMedia item={arrived(own)} />);
    fireEvent.error(audio());
    await waitFor(() => expect(audio().src).toBe(`http://server/signed/${own[0]?.id}`));
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
  });
});

describe('galleries', () => {
  const page = (name: string, items: unknown[]) => ({
    status: 200,
    body: { success: true, message: '', data: { [name]: items, meta: { hasMore: false } } },
  });
  const item = (facts: Partial<Media>, createdAt: string) => ({
    ...media(facts),
    messageId: 'm1',
    senderId: 's',
    createdAt,
  });
  const galleries = (onJump: (id: string) => void = () => undefined) => (
    <Galleries conversationId={CONVERSATION} onJump={onJump} onClose={() => undefined} />
  );

  it('are tabs that arrows choose', async () => {
    setStage((path) => {
      if (path.includes('/links'))
        return page('links', [
          { url: 'https://example.com/a', messageId: 'm1', senderId: 's', createdAt: '2026-11-02T10:00:00Z' },
        ]);
      return page(path.includes('/files') ? 'files' : 'media', []);
    }).show(galleries());
    expect(await screen.findByText('No pictures or videos yet')).toBeTruthy();
    const first = screen.getByRole('tab', { name: 'Media' });
    fireEvent.keyDown(first, { key: 'ArrowLeft' });
    expect(screen.getByRole('tab', { name: 'Links' }).getAttribute('aria-selected')).toBe('true');
    expect(await screen.findByRole('link', { name: EXAMPLE })).toBeTruthy();
    fireEvent.keyDown(screen.getByRole('tab', { name: 'Links' }), { key: 'Home' });
    expect(document.activeElement).toBe(first);
  });

  it('stand under months, and lead to the message', async () => {
    const files = [
      item({ type: 'file', originalFilename: 'new.pdf' }, '2026-11-02T10:00:00Z'),
      item({ type: 'file', originalFilename: 'old.pdf' }, '2026-09-02T10:00:00Z'),
    ];
    const jumps: string[] = [];
    setStage((path) => page(path.includes('/files') ? 'files' : 'media', path.includes('/files') ? files : [])).show(
      galleries((id) => jumps.push(id)),
    );
    fireEvent.click(screen.getByRole('tab', { name: 'Files' }));
    expect(await screen.findByRole('heading', { name: 'November 2026' })).toBeTruthy();
    expect(screen.getByRole('heading', { name: 'September 2026' })).toBeTruthy();
    const [jump] = screen.getAllByRole('button', { name: 'Show in the conversation' });
    fireEvent.click(jump ?? document.body);
    expect(jumps).toEqual(['m1']);
  });

  it('say that they cannot be seen while the other one blocks', async () => {
    const refusal = { success: false, message: 'No', error: { code: 'FORBIDDEN', message: 'No', requestId: 'r' } };
    setStage(() => ({ status: 403, body: refusal })).show(galleries());
    expect(await screen.findByText('What was shared cannot be seen while this person blocks you.')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { createTray, toDraftFiles } from '../../src/composer/attachments/tray';
import { MB } from '../../src/composer/limits';
import { asIs, byHand, file, settled } from './files';

const names = (tray: ReturnType<typeof createTray>) => tray.state.get().attachments.map((each) => each.file.name);
const reasons = (tray: ReturnType<typeof createTray>) => tray.state.get().refusals.map(({ reason }) => reason);

describe('the tray', () => {
  it('takes what is allowed and says what is not', () => {
    const tray = createTray(asIs);
    tray.add([file('a.pdf'), file('b.exe'), file('c.txt')]);
    expect(names(tray)).toEqual(['a.pdf', 'c.txt']);
    expect(tray.state.get().refusals).toEqual([{ name: 'b.exe', reason: 'ending' }]);
  });

  it('forgets refusals with the next choice', () => {
    const tray = createTray(asIs);
    tray.add([file('b.exe')]);
    tray.add([file('a.pdf')]);
    expect(reasons(tray)).toEqual([]);
  });

  it('declares a file as the server wants it', () => {
    const tray = createTray(asIs);
    tray.add([file('a.7z'), file('b.csv', 'application/vnd.ms-excel')]);
    expect(tray.state.get().attachments.map((each) => each.file.type)).toEqual([
      'application/x-7z-compressed',
      'application/vnd.ms-excel',
    ]);
  });

  it('makes pictures smaller before it judges their size', async () => {
    const hand = byHand();
    const tray = createTray(hand.shrink);
    tray.add([file('large.jpg', 'image/jpeg', 11 * MB)]);
    expect(tray.state.get().attachments[0]?.isPreparing).toBe(true);
    hand.next(file('large.jpg', 'image/jpeg', 100));
    await settled();
    expect(tray.state.get().attachments[0]).toMatchObject({ isPreparing: false, file: { size: 100 } });
  });

  it('refuses a picture that could not be made small enough', async () => {
    const tray = createTray(asIs);
    tray.add([file('large.gif', 'image/gif', 11 * MB)]);
    await settled();
    expect([names(tray), reasons(tray)]).toEqual([[], ['size']]);
  });
});

describe('what is in the tray', () => {
  it('says nothing more of a picture that was removed meanwhile', async () => {
    const hand = byHand();
    const tray = createTray(hand.shrink);
    tray.add([file('a.jpg', 'image/jpeg')]);
    tray.remove(tray.state.get().attachments[0]?.key ?? -1);
    hand.next(file('a.jpg', 'image/jpeg', 11 * MB));
    await settled();
    expect([names(tray), reasons(tray)]).toEqual([[], []]);
  });

  it('counts within one choice', () => {
    const tray = createTray(asIs);
    tray.add(['1', '2', '3', '4', '5', '6'].map((name) => file(`${name}.txt`)));
    expect(names(tray)).toHaveLength(5);
    expect(tray.state.get().refusals).toEqual([{ name: '6.txt', reason: 'count', limit: 5 }]);
  });

  it('moves within its ends', () => {
    const tray = createTray(asIs);
    tray.add([file('a.txt'), file('b.txt'), file('c.txt')]);
    const [first] = tray.state.get().attachments;
    tray.move(first?.key ?? -1, 1);
    expect(names(tray)).toEqual(['b.txt', 'a.txt', 'c.txt']);
    tray.move(first?.key ?? -1, -1);
    tray.move(first?.key ?? -1, -1);
    expect(names(tray)).toEqual(['a.txt', 'b.txt', 'c.txt']);
  });

  it('gives what is in it, and takes it back in front', () => {
    const tray = createTray(asIs);
    tray.add([file('a.txt')]);
    const taken = tray.take();
    expect(names(tray)).toEqual([]);
    tray.add([file('b.txt')]);
    tray.restore(taken);
    expect(names(tray)).toEqual(['a.txt', 'b.txt']);
  });

  it('hands over name, bytes and kind', () => {
    const tray = createTray(asIs);
    tray.add([file('a.mp4', 'video/mp4'), file('b.webm', 'audio/webm')]);
    expect(toDraftFiles(tray.take()).map(({ name, kind }) => [name, kind])).toEqual([
      ['a.mp4', 'video'],
      ['b.webm', 'file'],
    ]);
  });
});

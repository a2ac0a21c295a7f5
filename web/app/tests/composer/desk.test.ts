import { describe, expect, it } from 'vitest';
import { Desk } from '../../src/composer/desk';
import { MB } from '../../src/composer/limits';
import { CONVERSATION, fullWorld, setStage } from '../stage';
import { byHand, file, settled } from './files';

/** A desk whose pictures are ready when the test says so, as they are or larger than may be. */
function setDesk(stage = setStage()) {
  const { shrink, next: ready } = byHand();
  const desk = new Desk(stage.client, shrink);
  const faults: string[] = [];
  const tell = (fault: string) => {
    faults.push(fault);
  };
  const sent = () => stage.client.outbox.entries.get().map(({ draft }) => draft);
  const open = (id = CONVERSATION) => {
    const writing = desk.find(id);
    return { writing, close: desk.show(id, writing) };
  };
  const fill = (id: string) => {
    const { writing, close } = open(id);
    writing.tray.add([file(`${id}.txt`)]);
    close();
    return writing;
  };
  return { desk, open, fill, faults, tell, sent, ready };
}

describe('what is being written', () => {
  it('is forgotten when there is nothing in it and nobody looks', () => {
    const { desk, open } = setDesk();
    open().close();
    expect(desk.size).toBe(0);
  });

  it('is the same when somebody comes back, as long as there are files', () => {
    const { desk, open } = setDesk();
    const { writing, close } = open();
    writing.tray.add([file('a.txt')]);
    close();
    expect(desk.find(CONVERSATION)).toBe(writing);
  });

  it('goes out without its composer, with all that was typed, and is forgotten then', async () => {
    const { desk, open, tell, sent, ready } = setDesk();
    const { writing, close } = open();
    writing.tray.add([file('a.jpg', 'image/jpeg')]);
    writing.write('Look');
    writing.submit(tell);
    writing.write('Look here');
    close();
    ready(file('a.jpg', 'image/jpeg'));
    await settled();
    expect(sent()).toMatchObject([{ content: 'Look here', files: [{ name: 'a.jpg' }] }]);
    expect(desk.size).toBe(0);
  });

  it('that cannot go out says so to who went away, and waits for them', async () => {
    const { open, tell, faults, sent, ready } = setDesk();
    const { writing, close } = open();
    writing.tray.add([file('a.jpg', 'image/jpeg')]);
    writing.submit(tell);
    close();
    ready(file('a.jpg', 'image/jpeg', 11 * MB));
    await settled();
    expect([faults, sent()]).toEqual([['heldBack'], []]);
    expect(open().writing.tray.state.get().refusals).toMatchObject([{ name: 'a.jpg', reason: 'size' }]);
  });

  it('is not held up by what had been refused before', async () => {
    const { open, tell, sent, ready } = setDesk();
    const { writing } = open();
    writing.tray.add([file('a.exe'), file('b.jpg', 'image/jpeg')]);
    writing.submit(tell);
    ready(file('b.jpg', 'image/jpeg'));
    await settled();
    expect(sent()).toMatchObject([{ files: [{ name: 'b.jpg' }] }]);
  });
});

describe('a desk', () => {
  it('forgets the files of who was visited longest ago', () => {
    const { desk, fill } = setDesk();
    const [first, second] = Array.from({ length: 21 }, (_, index) => fill(`c${index}`));
    expect(desk.size).toBe(20);
    expect(desk.find('c0')).not.toBe(first);
    expect(desk.find('c1')).toBe(second);
  });

  it('forgets nothing that is on its way out', async () => {
    const { desk, open, fill, tell, sent, ready } = setDesk();
    const { writing, close } = open();
    writing.tray.add([file('a.jpg', 'image/jpeg')]);
    writing.submit(tell);
    close();
    for (let index = 0; index < 30; index += 1) fill(`c${index}`);
    expect(desk.find(CONVERSATION)).toBe(writing);
    ready(file('a.jpg', 'image/jpeg'));
    await settled();
    expect(sent()).toHaveLength(1);
  });

  it('keeps what the device had no room for', async () => {
    const { desk, open, tell, faults } = setDesk(setStage(undefined, fullWorld()));
    const { writing, close } = open();
    writing.tray.add([file('a.txt')]);
    writing.submit(tell);
    close();
    await settled();
    await settled();
    expect(faults).toEqual(['notKept']);
    expect(desk.find(CONVERSATION).tray.state.get().attachments).toMatchObject([{ file: { name: 'a.txt' } }]);
  });
});

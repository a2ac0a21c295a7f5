// @vitest-environment jsdom
import { act, createEvent, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { Composer } from '../../src/composer/composer';
import { deskOf } from '../../src/composer/desk';
import { CONVERSATION, completeDom, fullWorld, PARTNER, type Stage, setStage } from '../stage';

let stage: Stage;
beforeEach(() => {
  completeDom();
  stage = setStage();
});

const OFFLINE = /offline/i;
const NOT_KEPT = /^The message could not be kept on this device/;
const PASTED = /^Remove picture-\d{8}-\d{6}\.png$/;
const composer = <Composer conversationId={CONVERSATION} username="ben" />;
const field = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message to ben' });
const type = (value: string) => fireEvent.change(field(), { target: { value } });
const enter = (more: object = {}) => fireEvent.keyDown(field(), { key: 'Enter', keyCode: 13, ...more });
const sent = () => stage.client.outbox.entries.get().map(({ draft }) => draft);
const file = (name: string, mimeType = '') => new File(['x'], name, { type: mimeType });

function choose(...files: File[]) {
  const input = document.querySelector('input[type=file]');
  if (!input) throw new Error('There is no way to choose files');
  fireEvent.change(input, { target: { files } });
}

function drop(...files: File[]) {
  const items = files.map((each) => ({ kind: 'file', getAsFile: () => each, webkitGetAsEntry: () => null }));
  const dataTransfer = { types: ['Files'], items, files };
  const event = createEvent.drop(field(), { dataTransfer });
  fireEvent(field(), event);
  return event;
}

/** What becomes of files that are dragged over an element; the browser offers to copy them. */
function dragOver(element: Element) {
  const dataTransfer = { types: ['Files'], items: [], dropEffect: 'copy' };
  const event = createEvent.dragOver(element, { dataTransfer, composed: true });
  fireEvent(element, event);
  return { isPrevented: event.defaultPrevented, effect: dataTransfer.dropEffect };
}

describe('writing', () => {
  it('sends by Enter and leaves the field empty, with the focus in it', async () => {
    stage.show(composer);
    type('Hello');
    enter();
    expect(field().value).toBe('');
    await waitFor(() => expect(sent()).toEqual([{ conversationId: CONVERSATION, content: 'Hello' }]));
    expect(document.activeElement).toBe(field());
  });

  it('sends by the button', async () => {
    stage.show(composer);
    type('Hello');
    fireEvent.click(screen.getByRole('button', { name: 'Send' }));
    await waitFor(() => expect(sent()).toHaveLength(1));
  });

  it('sends nothing while a word is composed, on Shift+Enter, or when there is nothing', () => {
    stage.show(composer);
    enter();
    type('にほ');
    fireEvent.compositionStart(field());
    enter({ keyCode: 229 });
    enter();
    fireEvent.compositionEnd(field());
    enter({ shiftKey: true });
    expect(field().value).toBe('にほ');
    expect(sent()).toEqual([]);
  });

  it('has a field called message and a submit button', () => {
    stage.show(composer);
    expect(field().name).toBe('message');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Send' }).type).toBe('submit');
  });
});

describe('the field', () => {
  it('counts what is left near the limit, and does not send beyond it', () => {
    stage.show(composer);
    type('x'.repeat(9500));
    expect(screen.queryByText('500 characters left')).toBeNull();
    type('👍'.repeat(9999));
    expect(screen.getByText('1 character left')).toBeTruthy();
    type('👍'.repeat(10_002));
    enter();
    expect(screen.getByText('2 characters too many: shorten it to send')).toBeTruthy();
    expect(sent()).toEqual([]);
  });

  it('keeps a draft while it is written, and no longer when it was sent', async () => {
    stage.show(composer);
    type('Half a sen');
    expect(stage.client.drafts.all.get().get(CONVERSATION)).toBe('Half a sen');
    enter();
    await waitFor(() => expect(stage.client.drafts.all.get().get(CONVERSATION)).toBeUndefined());
  });

  it('begins with the draft that was kept', () => {
    stage.show(composer);
    act(() => {
      stage.client.drafts.set(CONVERSATION, 'From before');
    });
    expect(field().value).toBe('From before');
  });

  it('leaves it to the banner to say that there is no connection', async () => {
    stage.show(composer);
    await waitFor(() => expect(['offline', 'waiting']).toContain(stage.client.connection.status.get().state));
    expect(screen.queryByText(OFFLINE)).toBeNull();
  });

  it('explains why nothing can be written', () => {
    stage.show(<Composer conversationId={CONVERSATION} username="ben" disabledReason="Ben takes no messages." />);
    expect(screen.getByText('Ben takes no messages.')).toBeTruthy();
    expect(screen.queryByRole('textbox')).toBeNull();
  });
});

describe('attaching', () => {
  it('shows what was chosen, says what is refused, and sends the rest', async () => {
    stage.show(composer);
    choose(file('report.pdf', 'application/pdf'), file('virus.exe'));
    await screen.findByText('report.pdf');
    await screen.findByText('virus.exe: this type of file is not taken', { exact: false });
    expect(screen.getByRole('alert').textContent).toContain('virus.exe');
    enter();
    await waitFor(() => expect(sent()).toMatchObject([{ content: '', files: [{ name: 'report.pdf', kind: 'file' }] }]));
    expect(screen.queryByText('report.pdf')).toBeNull();
  });

  it('waits for a picture that is being made ready', async () => {
    stage.show(composer);
    choose(file('a.png', 'image/png'));
    type('Look');
    enter();
    await waitFor(() => expect(sent()).toMatchObject([{ content: 'Look', files: [{ name: 'a.png', kind: 'image' }] }]));
    expect(field().value).toBe('');
  });

  it('takes out and moves by buttons, and says so', async () => {
    stage.show(composer);
    choose(file('a.txt'), file('b.txt'));
    const shown = () => screen.getAllByRole('listitem').map((item) => item.querySelector('bdi')?.textContent);
    fireEvent.click(await screen.findByRole('button', { name: 'Move a.txt back' }));
    expect(shown()).toEqual(['b.txt', 'a.txt']);
    expect(screen.getByText('a.txt is now 2 of 2')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Remove b.txt' }));
    expect(shown()).toEqual(['a.txt']);
    fireEvent.click(screen.getByRole('button', { name: 'Remove a.txt' }));
    expect(document.activeElement).toBe(field());
  });
});

describe('going to another conversation', () => {
  const elsewhere = <Composer conversationId={PARTNER} username="cleo" />;

  it('does not hold up what was submitted while its picture was made ready', async () => {
    const { rerender } = stage.show(composer);
    choose(file('a.png', 'image/png'));
    type('Look');
    enter();
    rerender(elsewhere);
    await waitFor(() => expect(sent()).toMatchObject([{ content: 'Look', files: [{ name: 'a.png', kind: 'image' }] }]));
    rerender(composer);
    expect(field().value).toBe('');
    expect(screen.queryByRole('list', { name: 'Files to send' })).toBeNull();
  });

  it('leaves the files where they were chosen, and no address of them behind', async () => {
    const addresses = new Set<string>();
    URL.createObjectURL = () => {
      const address = `blob:${addresses.size}`;
      addresses.add(address);
      return address;
    };
    URL.revokeObjectURL = (address) => addresses.delete(address);
    const { rerender } = stage.show(composer);
    choose(file('a.png', 'image/png'), file('b.txt'));
    await screen.findByText('b.txt');
    expect(addresses.size).toBe(1);
    rerender(elsewhere);
    expect(screen.queryByText('b.txt')).toBeNull();
    expect(addresses.size).toBe(0);
    rerender(composer);
    expect(screen.getByText('b.txt')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Remove a.png' })).toBeTruthy();
  });
});

describe('a device without room', () => {
  it('gives text and files back, and says so', async () => {
    stage = setStage(undefined, fullWorld());
    stage.show(composer);
    choose(file('b.txt'));
    type('Look');
    enter();
    expect(await screen.findByText(NOT_KEPT)).toBeTruthy();
    expect(field().value).toBe('Look');
    expect(await screen.findByText('b.txt')).toBeTruthy();
  });

  it('gives a recording back among the files, from where it can be sent again', async () => {
    stage = setStage(undefined, fullWorld());
    stage.show(composer);
    const faults: string[] = [];
    const writing = deskOf(stage.client).find(CONVERSATION);
    act(() => writing.sendFile(file('voice-20261121-101500.webm', 'audio/webm'), (fault) => faults.push(fault)));
    expect(await screen.findByText('voice-20261121-101500.webm')).toBeTruthy();
    expect(faults).toEqual(['notKept']);
  });
});

describe('dragging and pasting', () => {
  it('takes files that are dropped on the conversation, and no drop navigates', async () => {
    stage.show(
      <main data-drop-target="">
        <p>Thread</p>
        {composer}
      </main>,
    );
    expect(drop(file('dropped.txt')).defaultPrevented).toBe(true);
    expect(await screen.findByText('dropped.txt')).toBeTruthy();
  });

  it('leaves nothing to the browser beside it, but to who takes the files there', () => {
    stage.show(
      <>
        <aside>List</aside>
        <main data-drop-target="">{composer}</main>
      </>,
    );
    const list = screen.getByText('List');
    expect(dragOver(list)).toMatchObject({ isPrevented: true, effect: 'none' });
    list.addEventListener('dragover', (event) => event.preventDefault());
    expect(dragOver(list)).toMatchObject({ isPrevented: true, effect: 'copy' });
    expect(dragOver(field())).toMatchObject({ isPrevented: true, effect: 'copy' });
  });

  it('leaves the page around it alone when it is embedded', async () => {
    const host = document.body.appendChild(document.createElement('div'));
    const inside = host.attachShadow({ mode: 'open' }).appendChild(document.createElement('div'));
    stage.show(composer, inside);
    expect(dragOver(document.body)).toMatchObject({ isPrevented: false, effect: 'copy' });
    const input = inside.querySelector('textarea');
    expect(input && dragOver(input)).toMatchObject({ isPrevented: true });
    expect(await within(inside).findByText('Drop to attach')).toBeTruthy();
    host.remove();
  });

  it('shows a veil while files are over it, and not for text', async () => {
    stage.show(composer);
    const over = (types: string[]) => fireEvent.dragOver(field(), { dataTransfer: { types, items: [] } });
    over(['text/plain']);
    expect(screen.queryByText('Drop to attach')).toBeNull();
    over(['Files']);
    await screen.findByText('Drop to attach');
    fireEvent.dragLeave(document, { relatedTarget: null });
    expect(screen.queryByText('Drop to attach')).toBeNull();
  });

  it('takes a pasted picture, but no picture of pasted text', async () => {
    stage.show(composer);
    const item = { kind: 'file', getAsFile: () => file('image.png', 'image/png'), webkitGetAsEntry: () => null };
    const paste = (types: string[]) => fireEvent.paste(field(), { clipboardData: { types, items: [item] } });
    paste(['text/plain', 'Files']);
    expect(screen.queryByRole('list', { name: 'Files to send' })).toBeNull();
    paste(['Files']);
    expect(await screen.findByRole('button', { name: PASTED })).toBeTruthy();
  });
});

describe('emoji', () => {
  it('go where the caret is', async () => {
    stage.show(composer);
    type('ab');
    field().setSelectionRange(1, 1);
    fireEvent.click(screen.getByRole('button', { name: 'Emoji' }));
    const search = await screen.findByRole('searchbox', { name: 'Search emoji', hidden: true });
    fireEvent.change(search, { target: { value: 'pizza' } });
    fireEvent.click(await screen.findByRole('button', { name: 'pizza', hidden: true }));
    expect(field().value).toBe('a🍕b');
    expect([document.activeElement, field().selectionStart]).toEqual([field(), 3]);
  });

  it('close by Escape, and the focus returns', async () => {
    stage.show(composer);
    const button = screen.getByRole('button', { name: 'Emoji' });
    fireEvent.click(button);
    const search = await screen.findByRole('searchbox', { name: 'Search emoji', hidden: true });
    fireEvent.keyDown(search, { key: 'Escape' });
    expect(screen.queryByRole('searchbox', { hidden: true })).toBeNull();
    expect(document.activeElement).toBe(button);
  });
});

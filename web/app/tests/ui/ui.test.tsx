import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import { Dialog } from '../../src/ui/dialog';
import { Field } from '../../src/ui/field';
import { Menu } from '../../src/ui/menu';
import { Switch } from '../../src/ui/switch';
import { ToastProvider, useToast } from '../../src/ui/toast';
import { act, fireEvent, render, screen } from '../testing';

// jsdom knows of popovers that they are hidden, and not how to show them.
HTMLElement.prototype.showPopover = function showPopover() {
  this.removeAttribute('popover');
};

function openMenu() {
  const chosen: string[] = [];
  const item = (id: string, more = {}) => ({ id, label: id, onSelect: () => chosen.push(id), ...more });
  const items = [item('Copy'), item('Info', { isDisabled: true }), item('Delete')];
  render(<Menu label="What can be done" icon={<i />} items={items} />);
  const button = screen.getByRole('button', { name: 'What can be done' });
  button.focus();
  fireEvent.click(button);
  return { chosen, button, menu: screen.getByRole('menu', { hidden: true }) };
}
const focused = () => document.activeElement?.textContent;

test('a menu is walked by arrows, Home, End and first letters', () => {
  const { menu } = openMenu();
  expect(focused()).toBe('Copy');
  const walk = ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowUp', 'Home', 'End', 'i'].map((key) => {
    fireEvent.keyDown(menu, { key });
    return focused();
  });
  expect(walk).toEqual(['Info', 'Delete', 'Copy', 'Delete', 'Copy', 'Delete', 'Info']);
});

test('choosing closes the menu, and gives the focus back', () => {
  const { chosen, button } = openMenu();
  fireEvent.click(screen.getByRole('menuitem', { name: 'Delete', hidden: true }));
  expect(chosen).toEqual(['Delete']);
  expect(screen.queryByRole('menu', { hidden: true })).toBeNull();
  expect(document.activeElement).toBe(button);
});

test('what cannot be done now can be read, not chosen', () => {
  const { chosen } = openMenu();
  fireEvent.click(screen.getByRole('menuitem', { name: 'Info', hidden: true }));
  expect(chosen).toEqual([]);
});

test('Escape closes a menu and nothing around it', () => {
  const around = vi.fn();
  document.body.addEventListener('keydown', around);
  const { menu, button } = openMenu();
  fireEvent.keyDown(menu, { key: 'Escape' });
  document.body.removeEventListener('keydown', around);
  expect(document.activeElement).toBe(button);
  expect(screen.queryByRole('menu', { hidden: true })).toBeNull();
});

function Asking() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Ask
      </button>
      {isOpen ? (
        <Dialog title="Really?" onClose={() => setOpen(false)}>
          Think of it.
        </Dialog>
      ) : null}
    </>
  );
}

test.each(['Escape', 'the cross', 'the veil'])('a dialog is closed by %s, and the focus is where it was', (way) => {
  render(<Asking />);
  const button = screen.getByRole('button', { name: 'Ask' });
  button.focus();
  fireEvent.click(button);
  const dialog = screen.getByRole('dialog', { name: 'Really?' });
  if (way === 'Escape') fireEvent(dialog, new window.Event('cancel', { cancelable: true }));
  else fireEvent.click(way === 'the veil' ? dialog : screen.getByRole('button', { name: 'Close' }));
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(document.activeElement).toBe(button);
});

function Removing({ isLate }: { readonly isLate: boolean }) {
  const [names, setNames] = useState(['Ann', 'Bea']);
  const [asked, setAsked] = useState<string | null>(null);
  const remove = () => {
    const go = () => setNames(names.filter((name) => name !== asked));
    if (isLate) setTimeout(go);
    else go();
    setAsked(null);
  };
  return (
    <ul className="people">
      {names.map((name) => (
        <li key={name}>
          <button type="button" tabIndex={name === names[0] ? 0 : -1} onClick={() => setAsked(name)}>
            {name}
          </button>
          {asked === name ? (
            <Dialog title="Really?" onClose={remove}>
              Think of it.
            </Dialog>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

test.each([false, true])(
  'when what opened a dialog is gone with it, or later (%s), the focus stays near',
  async (isLate) => {
    render(<Removing isLate={isLate} />);
    const button = screen.getByRole('button', { name: 'Ann' });
    button.focus();
    fireEvent.click(button);
    fireEvent.click(screen.getByRole('button', { name: 'Close' }));
    await vi.waitFor(() => expect(focused()).toBe('Bea'));
  },
);

test('a click inside of a dialog does not close it', () => {
  render(<Asking />);
  fireEvent.click(screen.getByRole('button', { name: 'Ask' }));
  fireEvent.click(screen.getByText('Think of it.'));
  expect(screen.getByRole('dialog')).toBeTruthy();
});

const undo = vi.fn();
function Speaker() {
  const toast = useToast();
  const say = (text: string, action?: { label: string; onPress: () => void }) =>
    toast.show(action === undefined ? { text } : { text, action });
  return (
    <>
      <button type="button" onClick={() => say('Saved')}>
        save
      </button>
      <button type="button" onClick={() => say('Gone', { label: 'Undo', onPress: undo })}>
        remove
      </button>
    </>
  );
}

test('a toast is said politely, once however often, and goes by itself; one that asks stays', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  render(
    <ToastProvider>
      <Speaker />
    </ToastProvider>,
  );
  const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));
  press('save');
  press('save');
  press('remove');
  const region = screen.getByRole('status');
  expect(region.getAttribute('aria-live')).toBe('polite');
  expect(screen.getAllByText('Saved')).toHaveLength(1);
  act(() => {
    vi.advanceTimersByTime(10_000);
  });
  expect(region.textContent).not.toContain('Saved');
  expect(region.textContent).toContain('Gone');
  press('Undo');
  expect(undo).toHaveBeenCalledTimes(1);
  expect(region.textContent).toBe('');
  vi.useRealTimers();
});

test('an error takes the place of the hint, and is connected with its field', () => {
  const { rerender } = render(<Field label="Name" hint="As you like" />);
  const field = screen.getByLabelText('Name');
  const described = () => document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent;
  expect(described()).toBe('As you like');
  rerender(<Field label="Name" hint="As you like" error="Too long" />);
  expect(described()).toBe('Too long');
  expect(field.getAttribute('aria-invalid')).toBe('true');
});

test('a switch says what it is and whether it is on', () => {
  const changes: boolean[] = [];
  render(<Switch label="Sound" hint="A short one" isOn={true} onChange={(isOn) => changes.push(isOn)} />);
  const control = screen.getByRole('switch', { name: 'Sound' });
  expect(control.getAttribute('aria-checked')).toBe('true');
  fireEvent.click(control);
  expect(changes).toEqual([false]);
});

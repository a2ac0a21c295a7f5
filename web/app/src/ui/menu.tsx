import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { classNames } from './class-names';
import { IconButton, type IconButtonProps } from './icon-button';
import styles from './menu.module.css';
import { usePopover } from './use-popover';

const ITEM = '[role="menuitem"]';

export interface MenuItem {
  readonly id: string;
  readonly label: string;
  readonly icon?: ReactNode;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
  readonly onSelect: () => void;
}

export interface MenuProps {
  readonly label: string;
  readonly icon: ReactNode;
  readonly items: readonly MenuItem[];
  readonly button?: Partial<Omit<IconButtonProps, 'label' | 'icon'>>;
  /** Given, the menu is open or not as this says: for a long press, or the context menu. */
  readonly isOpen?: boolean;
  readonly onOpenChange?: (isOpen: boolean) => void;
}

/** A button, and what it offers. Arrows, Home, End and first letters move; Escape and Tab close; the focus returns. */
export function Menu({ label, icon, items, button, isOpen: controlled, onOpenChange }: MenuProps) {
  const [own, setOwn] = useState(false);
  const isOpen = controlled ?? own;
  const trigger = useRef<HTMLButtonElement>(null);
  const id = useId();
  const change = (open: boolean) => {
    setOwn(open);
    onOpenChange?.(open);
  };
  const openByArrow = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown') return;
    event.preventDefault();
    change(true);
  };
  return (
    <>
      <IconButton
        {...button}
        ref={trigger}
        label={label}
        icon={icon}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => change(!isOpen)}
        onKeyDown={openByArrow}
      />
      {isOpen ? (
        <MenuList
          id={id}
          label={label}
          items={items}
          anchor={() => trigger.current}
          onClose={(focus) => {
            change(false);
            if (focus) trigger.current?.focus();
          }}
        />
      ) : null}
    </>
  );
}

interface MenuListProps {
  readonly id: string;
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly anchor: () => HTMLElement | null;
  readonly onClose: (returnsFocus: boolean) => void;
}

function MenuList({ id, label, items, anchor, onClose }: MenuListProps) {
  const list = usePopover({ anchor, onClose, first: ITEM });
  useResize(() => onClose(false));
  const select = (item: MenuItem) => {
    onClose(true);
    item.onSelect();
  };
  return (
    <div
      ref={list}
      id={id}
      popover="manual"
      role="menu"
      aria-label={label}
      tabIndex={-1}
      className={styles.menu}
      onKeyDown={(event) => onMenuKey(event, onClose)}
    >
      {items.map((item) => (
        <button
          key={item.id}
          type="button"
          role="menuitem"
          tabIndex={-1}
          aria-disabled={item.isDisabled || undefined}
          className={classNames(styles.item, item.isDanger === true && styles.danger)}
          onClick={() => (item.isDisabled === true ? undefined : select(item))}
        >
          {item.icon === undefined ? null : (
            <span aria-hidden="true" className={styles.icon}>
              {item.icon}
            </span>
          )}
          {item.label}
        </button>
      ))}
    </div>
  );
}

/** The anchor has moved away then. */
function useResize(onResize: () => void): void {
  const latest = useRef(onResize);
  latest.current = onResize;
  useEffect(() => {
    const resize = () => latest.current();
    window.addEventListener('resize', resize);
    return () => window.removeEventListener('resize', resize);
  }, []);
}

function itemsOf(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>(ITEM)];
}

function onMenuKey(event: KeyboardEvent<HTMLElement>, onClose: (returnsFocus: boolean) => void): void {
  if (event.key === 'Escape' || event.key === 'Tab') {
    event.preventDefault();
    event.stopPropagation();
    onClose(true);
    return;
  }
  const items = itemsOf(event.currentTarget);
  const now = items.findIndex((item) => item.matches(':focus'));
  const next = nextIndex(event.key, now, items);
  if (next === null) return;
  event.preventDefault();
  items[next]?.focus();
}

function nextIndex(key: string, now: number, items: readonly HTMLElement[]): number | null {
  const count = items.length;
  if (key === 'ArrowDown') return (now + 1) % count;
  if (key === 'ArrowUp') return (now - 1 + count) % count;
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  if ([...key].length !== 1 || key === ' ') return null;
  const order = items.map((_, index) => (now + 1 + index) % count);
  const typed = key.toLocaleLowerCase();
  return order.find((index) => items[index]?.textContent.trim().toLocaleLowerCase().startsWith(typed)) ?? null;
}

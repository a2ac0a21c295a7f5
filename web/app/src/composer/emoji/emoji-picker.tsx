import { type KeyboardEvent, type RefObject, useDeferredValue, useId, useMemo, useState } from 'react';
import { useLocale, useText } from '../../i18n/locale';
import { usePopover } from '../../ui/use-popover';
import { VisuallyHidden } from '../../ui/visually-hidden';
import styles from './emoji-picker.module.css';
import { moveInGrid } from './grid-keys';
import { type Group, ROWS, type Row } from './names';
import { nameOf, searchEmoji } from './search';

interface EmojiPickerProps {
  readonly id: string;
  readonly anchor: RefObject<HTMLElement | null>;
  readonly onPick: (emoji: string) => void;
  readonly onClose: (returnsFocus: boolean) => void;
}

const ALL: readonly Row[] = Object.values(ROWS).flat();
const GROUPS: readonly Group[] = ['faces', 'people', 'hearts', 'nature', 'food', 'things'];

/** Emoji by group, or those that a search finds. Arrows move, Enter takes, Escape closes. */
export default function EmojiPicker({ id, anchor, onPick, onClose }: EmojiPickerProps) {
  const text = useText().composer.emojis;
  const { direction } = useLocale();
  const [query, setQuery] = useState('');
  const wanted = useDeferredValue(query);
  const found = useMemo(() => (wanted.trim() === '' ? null : searchEmoji(ALL, wanted)), [wanted]);
  const popover = usePopover({ anchor: () => anchor.current, onClose, first: 'input' });
  const press = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onClose(true);
    } else move(event, direction);
  };
  return (
    <div
      ref={popover}
      id={id}
      popover="manual"
      role="dialog"
      aria-label={text.title}
      className={styles.picker}
      onKeyDown={press}
    >
      <Search query={query} onQuery={setQuery} onEnter={() => found?.[0] && onPick(found[0][0])} />
      <VisuallyHidden role="status">
        {found === null || found.length === 0 ? '' : text.found(found.length)}
      </VisuallyHidden>
      <div className={styles.scroll} data-grid="">
        {found === null ? <Groups onPick={onPick} /> : <Found rows={found} onPick={onPick} />}
      </div>
    </div>
  );
}

interface SearchProps {
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly onEnter: () => void;
}

/** Not in the composer's form: Enter takes the first one found. */
function Search({ query, onQuery, onEnter }: SearchProps) {
  const label = useText().composer.emojis.search;
  return (
    <input
      type="search"
      className={styles.search}
      value={query}
      placeholder={label}
      aria-label={label}
      autoComplete="off"
      onChange={(event) => onQuery(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
        event.preventDefault();
        onEnter();
      }}
    />
  );
}

function Groups({ onPick }: Pick<RowsProps, 'onPick'>) {
  const { groups } = useText().composer.emojis;
  return GROUPS.map((group, index) => (
    <EmojiGroup key={group} title={groups[group]} rows={ROWS[group]} isFirst={index === 0} onPick={onPick} />
  ));
}

interface RowsProps {
  readonly rows: readonly Row[];
  readonly onPick: (emoji: string) => void;
}

function Found({ rows, onPick }: RowsProps) {
  const text = useText().composer.emojis;
  if (rows.length === 0) {
    return (
      <p className={styles.none} role="status">
        {text.none}
      </p>
    );
  }
  return <EmojiGrid rows={rows} hasStop onPick={onPick} />;
}

interface EmojiGroupProps extends RowsProps {
  readonly title: string;
  readonly isFirst: boolean;
}

function EmojiGroup({ title, rows, isFirst, onPick }: EmojiGroupProps) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className={styles.group}>
        {title}
      </h3>
      <EmojiGrid rows={rows} hasStop={isFirst} onPick={onPick} />
    </section>
  );
}

interface EmojiGridProps extends RowsProps {
  /** Whether Tab stops at its first one: one stop for the whole picker. */
  readonly hasStop: boolean;
}

function EmojiGrid({ rows, hasStop, onPick }: EmojiGridProps) {
  const { code } = useLocale();
  return (
    <div className={styles.grid}>
      {rows.map((row, index) => {
        const name = nameOf(row, code);
        return (
          <button
            key={row[0]}
            type="button"
            data-emoji=""
            tabIndex={hasStop && index === 0 ? 0 : -1}
            className={styles.emoji}
            aria-label={name}
            title={name}
            onClick={() => onPick(row[0])}
          >
            {row[0]}
          </button>
        );
      })}
    </div>
  );
}

/** Arrows between the buttons, and from the search down to them and back. */
function move(event: KeyboardEvent<HTMLElement>, direction: 'ltr' | 'rtl'): void {
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-emoji]')];
  const now = buttons.findIndex((button) => button.matches(':focus'));
  if (now < 0) {
    if (event.key !== 'ArrowDown') return;
    event.preventDefault();
    buttons[0]?.focus();
    return;
  }
  const spots = buttons.map((button) => ({ left: button.offsetLeft, top: button.offsetTop }));
  const next = moveInGrid(event.key, now, spots, direction);
  if (next === null) return;
  event.preventDefault();
  if (next === now && event.key === 'ArrowUp') event.currentTarget.querySelector('input')?.focus();
  else buttons[next]?.focus();
}

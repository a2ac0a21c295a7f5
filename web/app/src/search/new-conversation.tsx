import type { User } from '@duologue/client';
import { useClient, useUserSearch } from '@duologue/react';
import { type KeyboardEvent, useId, useState } from 'react';
import { useLocation } from 'wouter';
import { pathOf } from '../address';
import { useText } from '../i18n/locale';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import { Found } from './found';
import { beginsWith } from './matching';
import styles from './new-conversation.module.css';
import { useSettled } from './use-settled';

/** Milliseconds without a key before it is asked for. */
const SETTLE_MS = 200;

/** Finds somebody by the beginning of their username, and opens the conversation. */
export function NewConversation({ onClose }: { readonly onClose: () => void }) {
  const { search: text } = useText();
  const [typed, setTyped] = useState('');
  const wanted = typed.trim();
  const asked = useSettled(wanted, SETTLE_MS);
  const search = useUserSearch(asked);
  const people = useFitting(search.items, wanted);
  const [, navigate] = useLocation();
  const open = (user: User) => {
    onClose();
    navigate(pathOf(user.username));
  };
  const choice = useChoice(people, open);
  const type = (name: string) => {
    setTyped(name);
    choice.reset();
  };
  const listId = useId();
  const active = people[choice.index];
  return (
    <Dialog title={text.title} size="small" onClose={onClose}>
      <div className={styles.search}>
        <NameField
          typed={typed}
          onType={type}
          onKeyDown={choice.onKeyDown}
          listId={listId}
          isOpen={people.length > 0}
          active={active === undefined ? undefined : optionId(listId, active)}
        />
        <Found
          id={listId}
          optionId={(user) => optionId(listId, user)}
          {...{ wanted, asked, people, search, active }}
          onOpen={open}
        />
      </div>
    </Dialog>
  );
}

interface NameFieldProps {
  readonly typed: string;
  readonly onType: (name: string) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly listId: string;
  readonly isOpen: boolean;
  /** The id of the option that the keys stand at. */
  readonly active: string | undefined;
}

function NameField({ typed, onType, onKeyDown, listId, isOpen, active }: NameFieldProps) {
  const { search: text } = useText();
  return (
    <Field
      label={text.label}
      hint={text.hint}
      value={typed}
      onChange={(event) => onType(event.target.value)}
      onKeyDown={onKeyDown}
      inputMode="search"
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      enterKeyHint="go"
      dir="auto"
      role="combobox"
      aria-expanded={isOpen}
      aria-controls={listId}
      aria-autocomplete="list"
      aria-activedescendant={active}
      ref={focusFirst}
    />
  );
}

/** Those of an answer who fit what is typed now: it may be the answer to what was typed before. */
function useFitting(found: readonly User[], wanted: string): readonly User[] {
  const { user: me } = useClient();
  if (wanted === '') return [];
  return found.filter(({ id, username }) => id !== me && beginsWith(username, wanted));
}

/** What the dialog gives the focus to when it opens; React's `autoFocus` would come too early. */
function focusFirst(input: HTMLInputElement | null): void {
  input?.toggleAttribute('autofocus', true);
}

function optionId(listId: string, user: User): string {
  return `${listId}-${user.id}`;
}

/** Which of the people the keys stand at; Enter takes it. */
function useChoice(people: readonly User[], onChoose: (user: User) => void) {
  const [index, setIndex] = useState(0);
  const now = Math.min(index, Math.max(0, people.length - 1));
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter may end a word in an input method.
    if (event.nativeEvent.isComposing || people.length === 0) return;
    const user = people[now];
    if (event.key === 'ArrowDown') setIndex((now + 1) % people.length);
    else if (event.key === 'ArrowUp') setIndex((now - 1 + people.length) % people.length);
    else if (event.key === 'Enter' && user !== undefined) onChoose(user);
    else return;
    event.preventDefault();
  };
  return { index: now, onKeyDown, reset: () => setIndex(0) };
}

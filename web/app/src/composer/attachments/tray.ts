/** The files that a person chose for the next message: judged as they come, pictures made smaller meanwhile. */

import { createStore, type DraftFile, type Readable } from '@duologue/client';
import { type Chosen, checkCount, checkFit, checkKind, type Refusal } from './checks';
import { type Category, isDeclaredAs, kindOf, sentAs } from './kinds';

export interface Attachment {
  readonly key: number;
  /** As it goes up; while it is being prepared, as it was chosen. */
  readonly file: File;
  readonly category: Category;
  readonly isPreparing: boolean;
}

export interface TrayState {
  readonly attachments: readonly Attachment[];
  /** Of the last choice. */
  readonly refusals: readonly Refusal[];
}

export interface Tray {
  readonly state: Readable<TrayState>;
  readonly add: (files: readonly File[]) => void;
  readonly remove: (key: number) => void;
  /** Towards the end by 1, or towards the beginning by -1. */
  readonly move: (key: number, by: 1 | -1) => void;
  /** Says what was not taken. */
  readonly refuse: (refusals: readonly Refusal[]) => void;
  /** Empties it, and gives what was in it. */
  readonly take: () => readonly Attachment[];
  /** Puts files back in front: what was taken, or what left by another way. */
  readonly restore: (attachments: readonly Attachment[]) => void;
}

/** What the outbox wants of them. */
export function toDraftFiles(attachments: readonly Attachment[]): DraftFile[] {
  return attachments.map(({ file, category }) => ({ blob: file, name: file.name, kind: sentAs(category) }));
}

/** A place for files; `shrink` makes a picture smaller, or gives it back. */
export function createTray(shrink: (file: File) => Promise<File>): Tray {
  const state = createStore<TrayState>({ attachments: [], refusals: [] });
  let last = 0;
  const change = (to: (attachments: readonly Attachment[]) => readonly Attachment[]) =>
    state.update((now) => ({ ...now, attachments: to(now.attachments) }));
  const refuse = (refusals: readonly Refusal[]) => state.update((now) => ({ ...now, refusals }));

  const prepare = async (key: number, file: File) => {
    const smaller = await shrink(file);
    const { attachments, refusals } = state.get();
    if (!attachments.some((each) => each.key === key)) return;
    const others = attachments.filter((each) => each.key !== key);
    const refusal = checkFit(smaller, 'image', readyOnes(others));
    if (refusal) state.set({ attachments: others, refusals: [...refusals, refusal] });
    else change((all) => all.map((each) => (each.key === key ? { ...each, file: smaller, isPreparing: false } : each)));
  };

  const addOne = (given: File): Refusal | null => {
    const category = checkKind(given);
    if (typeof category !== 'string') return category;
    const file = typed(given);
    const isPreparing = category === 'image';
    const all = state.get().attachments.map(chosenOf);
    const refusal =
      checkCount(file.name, category, all) ??
      (isPreparing ? null : checkFit(file, category, readyOnes(state.get().attachments)));
    if (refusal) return refusal;
    last += 1;
    const key = last;
    change((attachments) => [...attachments, { key, file, category, isPreparing }]);
    if (isPreparing) prepare(key, file);
    return null;
  };

  return {
    state,
    refuse,
    add: (files) => refuse(files.map(addOne).filter((refusal) => refusal !== null)),
    remove: (key) =>
      state.update((now) => ({ refusals: [], attachments: now.attachments.filter((each) => each.key !== key) })),
    move: (key, by) => change((all) => moved(all, key, by)),
    take: () => {
      const { attachments } = state.get();
      state.set({ attachments: [], refusals: [] });
      return attachments;
    },
    restore: (attachments) => {
      const back = attachments.map((each) => {
        last += 1;
        return { ...each, key: last };
      });
      change((now) => [...back, ...now]);
    },
  };
}

function chosenOf({ file, category }: Attachment): Chosen {
  return { category, size: file.size };
}

// A picture on its way to become smaller does not count yet.
function readyOnes(attachments: readonly Attachment[]): Chosen[] {
  return attachments.filter((each) => !each.isPreparing).map(chosenOf);
}

/** The same file, declared as the server wants it: browsers guess, and do not know every type. */
function typed(file: File): File {
  const kind = kindOf(file.name, file.type);
  if (!kind || (file.type !== '' && isDeclaredAs(kind, file.type))) return file;
  return new File([file], file.name, { type: kind.mediaType, lastModified: file.lastModified });
}

function moved(all: readonly Attachment[], key: number, by: 1 | -1): readonly Attachment[] {
  const from = all.findIndex((each) => each.key === key);
  const one = all[from];
  const to = from + by;
  if (!one || to < 0 || to >= all.length) return all;
  const rest = all.filter((each) => each !== one);
  return [...rest.slice(0, to), one, ...rest.slice(to)];
}

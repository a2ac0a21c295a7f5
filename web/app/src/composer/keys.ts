/** What a key in the message field means. Pure. */

interface Pressed {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  /** An input method is still composing a word: Enter takes its suggestion. */
  readonly isComposing: boolean;
  /** 229 while composing: Safari ends the composition before it tells of the key. */
  readonly keyCode: number;
}

/** Enter sends; with Shift or Alt it is a newline. On a touch screen there is no Shift at hand: there Enter is a newline too, but with Ctrl or Cmd. */
export function meansSend(pressed: Pressed, isCoarse: boolean): boolean {
  if (pressed.key !== 'Enter' || pressed.isComposing || pressed.keyCode === 229) return false;
  if (pressed.ctrlKey || pressed.metaKey) return true;
  return !(pressed.shiftKey || pressed.altKey || isCoarse);
}

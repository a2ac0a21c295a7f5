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

/** Enter sends, or is a newline, as `enterSends` says; with Shift or Alt it is always one, and with Ctrl or Cmd it always sends. */
export function meansSend(pressed: Pressed, enterSends: boolean): boolean {
  if (pressed.key !== 'Enter' || pressed.isComposing || pressed.keyCode === 229) return false;
  if (pressed.ctrlKey || pressed.metaKey) return true;
  return enterSends && !(pressed.shiftKey || pressed.altKey);
}

import { classNames } from '../ui/class-names';
import { isEmojiOnly } from './emoji';
import { linkify } from './linkify';
import styles from './message-text.module.css';

/** A text as it was written: nothing in it is markup, addresses become links, a few emoji alone are larger. */
export function MessageText({ content }: { readonly content: string }) {
  return (
    <p dir="auto" className={classNames(styles.text, isEmojiOnly(content) && styles.emoji)}>
      {linkify(content).map((piece) =>
        piece.kind === 'text' ? (
          piece.text
        ) : (
          <a key={piece.at} href={piece.href} target="_blank" rel="noopener noreferrer nofollow" dir="ltr">
            {piece.text}
          </a>
        ),
      )}
    </p>
  );
}

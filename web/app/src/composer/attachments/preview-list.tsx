import ChevronLeft from 'lucide-react/icons/chevron-left';
import ChevronRight from 'lucide-react/icons/chevron-right';
import X from 'lucide-react/icons/x';
import { useLocale, useText } from '../../i18n/locale';
import { FileIcon } from '../../media/file-icon';
import { useObjectUrl } from '../../media/use-object-url';
import { classNames } from '../../ui/class-names';
import { IconButton } from '../../ui/icon-button';
import { Spinner } from '../../ui/spinner';
import styles from './previews.module.css';
import type { Attachment } from './tray';

interface PreviewListProps {
  readonly attachments: readonly Attachment[];
  readonly onRemove: (attachment: Attachment) => void;
  readonly onMove: (attachment: Attachment, by: 1 | -1) => void;
}

/** The files themselves, each with what can be done with it. */
export function PreviewList({ attachments, onRemove, onMove }: PreviewListProps) {
  return (
    <ol className={styles.list} aria-label={useText().composer.files.list}>
      {attachments.map((attachment, index) => (
        <Preview
          key={attachment.key}
          attachment={attachment}
          isFirst={index === 0}
          isLast={index === attachments.length - 1}
          onRemove={() => onRemove(attachment)}
          onMove={(by) => onMove(attachment, by)}
        />
      ))}
    </ol>
  );
}

interface PreviewProps {
  readonly attachment: Attachment;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onRemove: () => void;
  readonly onMove: (by: 1 | -1) => void;
}

function Preview({ attachment, isFirst, isLast, onRemove, onMove }: PreviewProps) {
  const text = useText().composer;
  const { file, category } = attachment;
  const common = { size: 'small', tooltip: 'none' } as const;
  return (
    <li className={classNames(styles.item, category === 'image' ? styles.picture : styles.file)}>
      {category === 'image' ? <Thumbnail file={file} /> : <FileFacts file={file} />}
      {attachment.isPreparing ? (
        <span className={styles.busy}>
          <Spinner label={text.preparing} />
        </span>
      ) : null}
      <span className={styles.actions}>
        {isFirst && isLast ? null : (
          <>
            <IconButton
              {...common}
              label={text.files.earlier(file.name)}
              icon={<ChevronLeft className={styles.directed} />}
              aria-disabled={isFirst}
              onClick={() => onMove(-1)}
            />
            <IconButton
              {...common}
              label={text.files.later(file.name)}
              icon={<ChevronRight className={styles.directed} />}
              aria-disabled={isLast}
              onClick={() => onMove(1)}
            />
          </>
        )}
        <IconButton {...common} label={text.files.remove(file.name)} icon={<X />} onClick={onRemove} />
      </span>
    </li>
  );
}

function Thumbnail({ file }: { readonly file: File }) {
  const url = useObjectUrl(file);
  return url === undefined ? null : <img className={styles.image} src={url} alt={file.name} decoding="async" />;
}

function FileFacts({ file }: { readonly file: File }) {
  const { formats } = useLocale();
  return (
    <>
      <FileIcon name={file.name} />
      <span className={styles.facts}>
        <bdi className={styles.name}>{file.name}</bdi>
        <span className={styles.size}>{formats.bytes(file.size)}</span>
      </span>
    </>
  );
}

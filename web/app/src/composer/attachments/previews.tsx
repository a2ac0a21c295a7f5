import { Suspense, useState } from 'react';
import { useText } from '../../i18n/locale';
import { loadPart } from '../../ui/load-part';
import { VisuallyHidden } from '../../ui/visually-hidden';
import type { Attachment, Tray } from './tray';

const PreviewList = loadPart(async () => (await import('./preview-list')).PreviewList);

interface PreviewsProps {
  readonly attachments: readonly Attachment[];
  readonly tray: Tray;
  /** Called when the last one was removed: where the focus goes. */
  readonly onEmpty: () => void;
}

/** What will be sent, in its order; each can be taken out, and moved. */
export function Previews({ attachments, tray, onEmpty }: PreviewsProps) {
  const text = useText().composer.files;
  const [news, setNews] = useState('');
  const remove = (attachment: Attachment) => {
    tray.remove(attachment.key);
    setNews(text.removed(attachment.file.name));
    if (attachments.length === 1) onEmpty();
  };
  const move = (attachment: Attachment, by: 1 | -1) => {
    tray.move(attachment.key, by);
    setNews(text.moved(attachment.file.name, attachments.indexOf(attachment) + 1 + by, attachments.length));
  };
  return (
    <>
      <VisuallyHidden role="status">
        {news || (attachments.length > 0 ? text.added(attachments.length) : '')}
      </VisuallyHidden>
      {attachments.length === 0 ? null : (
        <Suspense>
          <PreviewList attachments={attachments} onRemove={remove} onMove={move} />
        </Suspense>
      )}
    </>
  );
}

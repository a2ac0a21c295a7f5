import Braces from 'lucide-react/icons/braces';
import File from 'lucide-react/icons/file';
import FileArchive from 'lucide-react/icons/file-archive';
import FileImage from 'lucide-react/icons/file-image';
import FileMusic from 'lucide-react/icons/file-music';
import FileSpreadsheet from 'lucide-react/icons/file-spreadsheet';
import FileText from 'lucide-react/icons/file-text';
import FileType from 'lucide-react/icons/file-type';
import FileVideo from 'lucide-react/icons/file-video';
import Presentation from 'lucide-react/icons/presentation';
import type { LucideIcon } from 'lucide-react/types';
import styles from './file-icon.module.css';
import { type Sort, sortOf } from './kinds';

const ICONS: Readonly<Record<Sort, LucideIcon>> = {
  pdf: FileType,
  text: FileText,
  table: FileSpreadsheet,
  slides: Presentation,
  archive: FileArchive,
  data: Braces,
  image: FileImage,
  video: FileVideo,
  audio: FileMusic,
  other: File,
};

/** Stands for a kind of file; the name beside it says the rest. */
export function FileIcon({ name }: { readonly name: string }) {
  const sort = sortOf(name);
  const Icon = ICONS[sort];
  return (
    <span className={styles.icon} data-sort={sort} aria-hidden="true">
      <Icon />
    </span>
  );
}

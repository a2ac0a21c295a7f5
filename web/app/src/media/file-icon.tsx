import {
  Braces,
  File,
  FileArchive,
  FileImage,
  FileMusic,
  FileSpreadsheet,
  FileText,
  FileType,
  FileVideo,
  type LucideIcon,
  Presentation,
} from 'lucide-react';
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

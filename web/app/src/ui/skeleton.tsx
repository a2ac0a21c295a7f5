import styles from './skeleton.module.css';

export interface SkeletonProps {
  readonly shape?: 'line' | 'circle' | 'block';
  /** CSS lengths; a line is as wide as there is room. */
  readonly width?: string;
  readonly height?: string;
}

/** The place of what is not here yet. Decoration: say beside it that something loads. */
export function Skeleton({ shape = 'line', width, height }: SkeletonProps) {
  return <span aria-hidden="true" className={styles[shape]} style={{ inlineSize: width, blockSize: height }} />;
}

import Mic from 'lucide-react/icons/mic';
import { useText } from '../../i18n/locale';
import { IconButton } from '../../ui/icon-button';

/** Absent where the browser cannot record, or the page may not ask: over plain HTTP. */
export function RecordButton({ onStart }: { readonly onStart: () => void }) {
  const label = useText().composer.record;
  const canRecord = typeof MediaRecorder === 'function' && 'mediaDevices' in navigator;
  if (!canRecord) return null;
  return <IconButton label={label} icon={<Mic />} tooltip="top" tooltipAlign="end" onClick={onStart} />;
}

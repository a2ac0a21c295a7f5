import CircleAlert from 'lucide-react/icons/circle-alert';
import CircleCheck from 'lucide-react/icons/circle-check';
import X from 'lucide-react/icons/x';
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useText } from '../i18n/locale';
import { Button } from './button';
import { classNames } from './class-names';
import { IconButton } from './icon-button';
import styles from './toast.module.css';

export interface ToastOptions {
  readonly text: string;
  readonly tone?: 'neutral' | 'good' | 'danger';
  /** What can be done about it. With an action it stays until it is pressed or closed. */
  readonly action?: { readonly label: string; readonly onPress: () => void };
}
export interface Toasts {
  readonly show: (toast: ToastOptions) => void;
}
interface Shown extends ToastOptions {
  readonly key: number;
}

const MOST = 3;
const STAYS_MS = 6000;
const ToastContext = createContext<Toasts | null>(null);

/** Short notes at the edge: `useToast().show({text, tone, action})`. */
export function useToast(): Toasts {
  const toasts = use(ToastContext);
  if (toasts === null) throw new Error('useToast wants a <ToastProvider> above it');
  return toasts;
}

export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [shown, setShown] = useState<readonly Shown[]>([]);
  const last = useRef(0);
  const show = useCallback((toast: ToastOptions) => {
    last.current += 1;
    const added = { ...toast, key: last.current };
    setShown((before) => [...before.filter((other) => other.text !== toast.text), added].slice(-MOST));
  }, []);
  const close = useCallback((key: number) => setShown((before) => before.filter((toast) => toast.key !== key)), []);
  const value = useMemo(() => ({ show }), [show]);
  return (
    <ToastContext value={value}>
      {children}
      <div role="status" aria-live="polite" className={styles.stack}>
        {shown.map((toast) => (
          <Toast key={toast.key} toast={toast} onClose={close} />
        ))}
      </div>
    </ToastContext>
  );
}

function Toast({ toast, onClose }: { readonly toast: Shown; readonly onClose: (key: number) => void }) {
  const text = useText();
  const { key, action, tone = 'neutral' } = toast;
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    if (action !== undefined || isHeld) return;
    const timer = setTimeout(() => onClose(key), STAYS_MS);
    return () => clearTimeout(timer);
  }, [key, action, isHeld, onClose]);
  const press = () => {
    action?.onPress();
    onClose(key);
  };
  return (
    <div
      className={classNames(styles.toast, styles[tone])}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
    >
      {tone === 'danger' ? <CircleAlert aria-hidden="true" /> : null}
      {tone === 'good' ? <CircleCheck aria-hidden="true" /> : null}
      <span className={styles.text}>{toast.text}</span>
      {action === undefined ? null : (
        <Button size="small" onClick={press}>
          {action.label}
        </Button>
      )}
      <IconButton label={text.ui.close} icon={<X />} size="small" tooltip="none" onClick={() => onClose(key)} />
    </div>
  );
}

import { Component, type ReactNode } from 'react';
import { useText } from '../i18n/locale';
import { Button } from '../ui/button';
import { EmptyState } from '../ui/empty-state';
import { forgetFailures } from '../ui/load-part';
import { reloadIfServed } from './reload';

const AT_ONCE_MS = 5000;

interface Props {
  readonly children: ReactNode;
  /** Another value tries again by itself: the path, so that going elsewhere leads out. */
  readonly resetKey?: string;
}
interface State {
  readonly hasFailed: boolean;
  readonly resetKey: string | undefined;
}

/** Keeps a failure of one part from taking the page down. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { hasFailed: false, resetKey: this.props.resetKey };

  static getDerivedStateFromError(): Partial<State> {
    return { hasFailed: true };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.resetKey === state.resetKey ? null : { hasFailed: false, resetKey: props.resetKey };
  }

  /** Milliseconds since the epoch. */
  #retriedAt = 0;

  /** Nothing of it is shown any more: whoever shows it again loads what could not be had. */
  override componentDidCatch(): void {
    const wasPart = forgetFailures();
    // Chromium does not ask again for a module that it could not get, as long as the page is there.
    if (wasPart && Date.now() - this.#retriedAt < AT_ONCE_MS) reloadIfServed();
    this.#retriedAt = 0;
  }

  readonly #retry = () => {
    this.#retriedAt = Date.now();
    this.setState({ hasFailed: false });
  };

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    return <Failure onRetry={this.#retry} />;
  }
}

function Failure({ onRetry }: { readonly onRetry: () => void }) {
  const text = useText();
  const actions = (
    <>
      <Button onClick={() => window.location.reload()}>{text.shell.reload}</Button>
      <Button variant="solid" onClick={onRetry}>
        {text.ui.retry}
      </Button>
    </>
  );
  return (
    <div role="alert">
      <EmptyState title={text.shell.crashTitle} actions={actions}>
        {text.shell.crash}
      </EmptyState>
    </div>
  );
}

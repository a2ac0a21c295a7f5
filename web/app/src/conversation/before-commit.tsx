import { Component } from 'react';

interface Props<T> {
  /** Called when the DOM is about to change. */
  readonly before: () => T;
  /** Called with its result when the DOM has changed and nothing was painted yet. */
  readonly after: (taken: T) => void;
}

/**
 * Looks at the DOM right before each commit of its parent. The one thing that still wants a class: no hook runs before the
 * DOM changes, and a place remembered at the last scroll event may be older than the last scroll.
 */
export class BeforeCommit<T> extends Component<Props<T>> {
  override getSnapshotBeforeUpdate(): T {
    return this.props.before();
  }

  override componentDidUpdate(_props: Props<T>, _state: object, taken: T): void {
    this.props.after(taken);
  }

  override render(): null {
    return null;
  }
}

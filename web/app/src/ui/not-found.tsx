import { Link } from 'wouter';
import { useText } from '../i18n/locale';
import { EmptyState } from './empty-state';
import { Mark } from './mark';

export function NotFound() {
  const text = useText();
  return (
    <EmptyState
      level={1}
      picture={<Mark size="3rem" />}
      title={text.shell.notFoundTitle}
      actions={<Link href="/">{text.shell.toInbox}</Link>}
    >
      {text.shell.notFound}
    </EmptyState>
  );
}

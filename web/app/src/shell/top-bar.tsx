import { useMe } from '@duologue/react';
import LogOut from 'lucide-react/icons/log-out';
import Settings from 'lucide-react/icons/settings';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useText } from '../i18n/locale';
import { useSession } from '../session/session-context';
import { Avatar } from '../ui/avatar';
import { Mark } from '../ui/mark';
import { Menu } from '../ui/menu';
import { SignOutDialog } from './sign-out-dialog';
import styles from './top-bar.module.css';

/** The name of the house, and the person's own door. */
export function TopBar() {
  const text = useText();
  const [, go] = useLocation();
  const { me } = useMe();
  const session = useSession();
  const [isLeaving, setLeaving] = useState(false);
  const items = [
    { id: 'settings', label: text.shell.settings, icon: <Settings />, onSelect: () => go('/settings') },
    ...(session.signOut === null
      ? []
      : [{ id: 'out', label: text.shell.signOut, icon: <LogOut />, onSelect: () => setLeaving(true) }]),
  ];
  return (
    <header className={styles.bar}>
      <Link href="/" className={styles.name}>
        <Mark />
        <span>Duologue</span>
      </Link>
      <Menu
        label={text.shell.menu}
        icon={<Avatar name={me?.displayName ?? ''} src={me?.avatar} size="small" />}
        button={{ tooltip: 'none' }}
        items={items}
      />
      {isLeaving && session.signOut !== null ? (
        <SignOutDialog signOut={session.signOut} onClose={() => setLeaving(false)} />
      ) : null}
    </header>
  );
}

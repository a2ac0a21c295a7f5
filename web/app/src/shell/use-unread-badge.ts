import { useUnread } from '@duologue/react';
import { useEffect } from 'react';
import { useText } from '../i18n/locale';

/** Shows how much is unread where the page itself is not seen: in the tab's title, its icon, and on the home screen. */
export function useUnreadBadge(): void {
  const unread = useUnread() ?? 0;
  const { shell } = useText();
  useEffect(() => {
    document.title = shell.title(unread, 'Duologue');
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    const wanted = unread > 0 ? '/favicon-unread.svg' : '/favicon.svg';
    if (icon !== null && icon.getAttribute('href') !== wanted) icon.href = wanted;
    // Not all browsers have a badge, and some want to be asked first: without it there is still the title.
    if ('setAppBadge' in navigator) navigator.setAppBadge(unread).catch(() => undefined);
  }, [unread, shell]);
  useEffect(
    () => () => {
      document.title = 'Duologue';
    },
    [],
  );
}

import type { User } from '@duologue/client';
import UserMinus from 'lucide-react/icons/user-minus';
import UserPlus from 'lucide-react/icons/user-plus';
import { useText } from '../i18n/locale';
import type { MenuItem } from '../ui/menu';
import { useFollow } from './use-follow';

/** Both, as it is not known whether one follows somebody already. */
export function useFollowItems({ username, displayName }: User): readonly MenuItem[] {
  const { inbox: text } = useText();
  const { follow, unfollow } = useFollow(username, displayName);
  return [
    { id: 'follow', label: text.follow, icon: <UserPlus />, onSelect: follow },
    { id: 'unfollow', label: text.unfollow, icon: <UserMinus />, onSelect: unfollow },
  ];
}

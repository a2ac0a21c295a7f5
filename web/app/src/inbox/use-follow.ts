import { useClient } from '@duologue/react';
import { describeError } from '../i18n/describe-error';
import { useText } from '../i18n/locale';
import { useToast } from '../ui/toast';

/** Each says what came of it, and resolves to whether it did. The server does not tell whom one follows: again changes nothing. */
export interface Follow {
  readonly follow: () => Promise<boolean>;
  readonly unfollow: () => Promise<boolean>;
}

/** Who follows somebody may write to them where they take messages from their followers alone. `name`: what they are called here. */
export function useFollow(username: string, name: string): Follow {
  const text = useText();
  const toast = useToast();
  const { users } = useClient().rest;
  const change = async (made: Promise<void>, said: string): Promise<boolean> => {
    try {
      await made;
      toast.show({ text: said, tone: 'good' });
      return true;
    } catch (error) {
      toast.show({ text: describeError(text, error), tone: 'danger' });
      return false;
    }
  };
  return {
    follow: () => change(users.follow(username), text.inbox.followed(name)),
    unfollow: () => change(users.unfollow(username), text.inbox.unfollowed(name)),
  };
}

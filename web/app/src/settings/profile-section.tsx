import type { Me } from '@duologue/client';
import { useMe } from '@duologue/react';
import { type FormEvent, useState } from 'react';
import { useText } from '../i18n/locale';
import { useSession } from '../session/session-context';
import { Avatar } from '../ui/avatar';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { MePending } from './me-pending';
import styles from './settings.module.css';
import { useSettingsText } from './texts';
import { useChange } from './use-change';

export function ProfileSection() {
  const { me } = useMe();
  return me === undefined ? <MePending /> : <Profile key={me.id} me={me} />;
}

function Profile({ me }: { readonly me: Me }) {
  const settings = useSettingsText();
  const { kind } = useSession();
  return (
    <section className={styles.group}>
      <div className={styles.identity}>
        <Avatar name={me.displayName} src={me.avatar} size="huge" />
        <div className={styles.who}>
          <strong>
            <bdi>{me.displayName}</bdi>
          </strong>
          <span className={styles.note}>
            <bdi>@{me.username}</bdi>
          </span>
        </div>
      </div>
      <p className={styles.note}>{settings.profile.usernameHint}</p>
      {kind === 'account' ? <ProfileForm me={me} /> : <p className={styles.note}>{settings.profile.byPlatform}</p>}
    </section>
  );
}

function ProfileForm({ me }: { readonly me: Me }) {
  const text = useText();
  const settings = useSettingsText();
  const change = useChange();
  const [name, setName] = useState(me.displayName === me.username ? '' : me.displayName);
  const [avatar, setAvatar] = useState(me.avatar);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const picture = avatar.trim();
    await change({ displayName: name.trim() || null, ...(picture === me.avatar ? {} : { avatar: picture }) });
    setBusy(false);
  };
  return (
    <form className={styles.group} onSubmit={(event) => submit(event)}>
      <Field
        label={settings.profile.name}
        hint={settings.profile.nameHint}
        value={name}
        maxLength={100}
        autoComplete="nickname"
        onChange={(event) => setName(event.target.value)}
      />
      <Field
        label={settings.profile.picture}
        hint={settings.profile.pictureHint}
        value={avatar}
        type="url"
        maxLength={2048}
        autoComplete="photo"
        spellCheck={false}
        dir="ltr"
        onChange={(event) => setAvatar(event.target.value)}
      />
      <div className={styles.actions}>
        <Button type="submit" variant="solid" isBusy={isBusy}>
          {text.ui.save}
        </Button>
      </div>
    </form>
  );
}

import { type AccountActions, useSession } from '../session/session-context';
import { DeleteAccount } from './delete-account';
import { PasswordForm } from './password-form';
import styles from './settings.module.css';
import { SignOutEverywhere } from './sign-out-everywhere';
import { useSettingsText } from './texts';

export function AccountSection() {
  const settings = useSettingsText();
  const { account } = useSession();
  if (account === null) return <p className={styles.note}>{settings.account.byPlatform}</p>;
  return <AccountForms account={account} />;
}

function AccountForms({ account }: { readonly account: AccountActions }) {
  return (
    <>
      <PasswordForm change={account.changePassword} />
      <SignOutEverywhere signOut={account.signOutEverywhere} />
      <DeleteAccount erase={account.erase} />
    </>
  );
}

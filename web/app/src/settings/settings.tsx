import ArrowLeft from 'lucide-react/icons/arrow-left';
import Ban from 'lucide-react/icons/ban';
import Bell from 'lucide-react/icons/bell';
import ChevronRight from 'lucide-react/icons/chevron-right';
import KeyRound from 'lucide-react/icons/key-round';
import Palette from 'lucide-react/icons/palette';
import Shield from 'lucide-react/icons/shield';
import UserRound from 'lucide-react/icons/user-round';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useText } from '../i18n/locale';
import { NotFound } from '../ui/not-found';
import { AccountSection } from './account-section';
import { AppearanceSection } from './appearance-section';
import { BlockedSection } from './blocked-section';
import { NotificationsSection } from './notifications-section';
import { PrivacySection } from './privacy-section';
import { ProfileSection } from './profile-section';
import { isSection, SECTIONS, type Section } from './sections';
import styles from './settings.module.css';
import { useSettingsText } from './texts';

const ICONS: Readonly<Record<Section, ReactNode>> = {
  profile: <UserRound />,
  privacy: <Shield />,
  notifications: <Bell />,
  appearance: <Palette />,
  blocked: <Ban />,
  account: <KeyRound />,
};

const CONTENTS: Readonly<Record<Section, () => ReactNode>> = {
  profile: ProfileSection,
  privacy: PrivacySection,
  notifications: NotificationsSection,
  appearance: AppearanceSection,
  blocked: BlockedSection,
  account: AccountSection,
};

/** All that can be chosen: the list of sections, or one of them. */
export function Settings({ section }: { readonly section?: string }) {
  if (section === undefined) return <Overview />;
  return isSection(section) ? <OneSection section={section} /> : <NotFound />;
}

function Overview() {
  const settings = useSettingsText();
  return (
    <div className={styles.page}>
      <Heading title={settings.title} back="/" />
      <ul className={styles.sections}>
        {SECTIONS.map((name) => (
          <li key={name}>
            <Link href={`/settings/${name}`} className={styles.link}>
              <span aria-hidden="true" className={styles.icon}>
                {ICONS[name]}
              </span>
              {settings.sections[name]}
              <ChevronRight aria-hidden="true" className={styles.onward} />
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}

function OneSection({ section }: { readonly section: Section }) {
  const settings = useSettingsText();
  const Contents = CONTENTS[section];
  return (
    <div className={styles.page}>
      <Heading title={settings.sections[section]} back="/settings" />
      <div className={styles.contents}>
        <Contents />
      </div>
    </div>
  );
}

function Heading({ title, back }: { readonly title: string; readonly back: string }) {
  const text = useText();
  return (
    <header className={styles.heading}>
      <Link href={back} aria-label={text.ui.back} className={styles.back}>
        <ArrowLeft aria-hidden="true" />
      </Link>
      <h1>{title}</h1>
    </header>
  );
}

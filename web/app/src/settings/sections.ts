export const SECTIONS = ['profile', 'privacy', 'notifications', 'appearance', 'blocked', 'account'] as const;
export type Section = (typeof SECTIONS)[number];

export function isSection(name: string): name is Section {
  return SECTIONS.some((section) => section === name);
}

export const search = {
  title: 'New conversation',
  label: 'Username',
  hint: 'Type how their username begins.',
  results: 'People',
  found: (count: number) => (count === 1 ? '1 person found' : `${count} people found`),
  nobody: (query: string) => `Nobody's username begins with "${query}".`,
  failed: 'The search did not work. Check the connection and try again.',
  more: 'Show more',
};

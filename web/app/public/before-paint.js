{
  const root = document.documentElement;
  let chosen = {};
  try {
    chosen = JSON.parse(localStorage.getItem('duologue.device')) || {};
  } catch {
    // Storage is closed: as the system says.
  }
  if (chosen.theme === 'light' || chosen.theme === 'dark') root.dataset.theme = chosen.theme;
  if (chosen.locale) root.lang = chosen.locale;
  const words = new Map((document.currentScript.dataset.words || '').split(',').map((entry) => entry.split(' ')));
  const languages = [chosen.locale, ...navigator.languages].map((tag) => String(tag).split('-')[0].toLowerCase());
  const file = words.get([...languages, 'en'].find((language) => words.has(language)));
  if (file) document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', href: file }));
}

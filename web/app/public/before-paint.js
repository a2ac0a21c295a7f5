// Before anything is painted: the theme and language that this device has chosen. A script of its own, as the page's policy allows no inline one.
try {
  const device = JSON.parse(localStorage.getItem('duologue.device') || '{}');
  if (device.theme === 'light' || device.theme === 'dark') document.documentElement.dataset.theme = device.theme;
  if (device.locale) document.documentElement.lang = device.locale;
} catch {
  // Storage is closed to this page: it looks as the system says.
}

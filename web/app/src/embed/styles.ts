import '../design/tokens.css';
import '../design/base.css';

/** All styles of the bundle: the build puts them here, as the element comes in one file. */
declare const __DUOLOGUE_STYLES__: string;

/** A constructed sheet: a site whose policy allows no inline styles takes it all the same. */
export function styleSheet(): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(__DUOLOGUE_STYLES__);
  return sheet;
}

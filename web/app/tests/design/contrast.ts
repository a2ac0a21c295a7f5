/** Colours of `tokens.css` as numbers, and their contrast as WCAG 2 has it. */

export interface Colour {
  /** 0 to 1. */
  readonly lightness: number;
  readonly chroma: number;
  /** Degrees. */
  readonly hue: number;
}
export interface Pair {
  readonly light: Colour;
  readonly dark: Colour;
}

const OKLCH = /oklch\(\s*([\d.]+)%\s+([\d.]+)\s+([\d.]+)\s*\)/g;
const TOKEN = /--([a-z0-9-]+):\s*(light-dark\([^;]*\)|oklch\([^;]*\));/g;

/** The tokens that are one opaque colour for light and one for dark. */
export function readColours(css: string): Map<string, Pair> {
  const found = new Map<string, Pair>();
  for (const [, name = '', value = ''] of css.matchAll(TOKEN)) {
    const [light, dark] = [...value.matchAll(OKLCH)].map(colourOf);
    if (light !== undefined) found.set(name, { light, dark: dark ?? light });
  }
  return found;
}

function colourOf([, lightness, chroma, hue]: RegExpMatchArray): Colour {
  return { lightness: Number(lightness) / 100, chroma: Number(chroma), hue: Number(hue) };
}

/** Björn Ottosson's OKLab, back to linear sRGB, cut to what a screen shows. */
function linearRgb({ lightness, chroma, hue }: Colour): readonly [number, number, number] {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const cut = (value: number) => Math.min(1, Math.max(0, value));
  return [
    cut(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    cut(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    cut(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function luminance(colour: Colour): number {
  const [red, green, blue] = linearRgb(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** 1 to 21. */
export function contrast(one: Colour, other: Colour): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

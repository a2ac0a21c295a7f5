/** Draws the icons of the home screen from the mark of `public/favicon.svg`: `node build/icons.ts`, from the folder of the app. */
import { writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

type Colour = readonly [red: number, green: number, blue: number];

const PAPER: Colour = [0xfa, 0xf7, 0xef];
const INK: Colour = [0x2a, 0x1f, 0x18];
const VOICE: Colour = [0xc3, 0x33, 0x15];
const GRID = 64;
const RADIUS = 17;
/** Points per side of a pixel: its edges are as smooth as their square. */
const SAMPLES = 6;

interface Icon {
  readonly file: string;
  readonly size: number;
  /** How much of the picture the mark's own square takes; a mask may cut what lies outside of 80 %. */
  readonly scale: number;
}
const ICONS: readonly Icon[] = [
  { file: 'icon-192.png', size: 192, scale: 0.94 },
  { file: 'icon-512.png', size: 512, scale: 0.94 },
  { file: 'icon-maskable-512.png', size: 512, scale: 0.76 },
];

/** The colour at a point of the mark's grid of 64. */
function colourAt(x: number, y: number): Colour {
  if (x <= 30 && Math.hypot(x - 30, y - 26) <= RADIUS) return INK;
  if (x >= 34 && Math.hypot(x - 34, y - 38) <= RADIUS) return VOICE;
  return PAPER;
}

function pixel(icon: Icon, column: number, row: number): number[] {
  const sum = [0, 0, 0];
  const toGrid = (position: number) => ((position / icon.size - 0.5) / icon.scale + 0.5) * GRID;
  for (let sample = 0; sample < SAMPLES ** 2; sample += 1) {
    const x = column + ((sample % SAMPLES) + 0.5) / SAMPLES;
    const y = row + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES;
    colourAt(toGrid(x), toGrid(y)).forEach((value, channel) => {
      sum[channel] = (sum[channel] ?? 0) + value;
    });
  }
  return sum.map((value) => Math.round(value / SAMPLES ** 2));
}

/** Length, name, data and checksum: what a PNG consists of. */
function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const length = Buffer.alloc(4);
  const checksum = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

function draw(icon: Icon): Buffer {
  const rows: number[] = [];
  for (let row = 0; row < icon.size; row += 1) {
    rows.push(0);
    for (let column = 0; column < icon.size; column += 1) rows.push(...pixel(icon, column, row));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(icon.size, 0);
  header.writeUInt32BE(icon.size, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits each of red, green, blue
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.from(rows), { level: 9 });
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

for (const icon of ICONS) writeFileSync(new URL(`../public/${icon.file}`, import.meta.url), draw(icon));

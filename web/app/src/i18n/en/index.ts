import { composer } from './composer';
import { conversation } from './conversation';
import { errors } from './errors';
import { inbox } from './inbox';
import { media } from './media';
import { search } from './search';
import { shell } from './shell';
import { ui } from './ui';

/** The texts of the first page, by area; what comes later brings its own (`session/texts.ts`, `settings/texts.ts`). Values are strings, or functions of what they speak of. */
export const en = { composer, conversation, errors, inbox, media, search, shell, ui };
export type Catalogue = typeof en;

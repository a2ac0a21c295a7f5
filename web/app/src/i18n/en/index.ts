import { composer } from './composer';
import { conversation } from './conversation';
import { errors } from './errors';
import { inbox } from './inbox';
import { media } from './media';
import { search } from './search';
import { session } from './session';
import { settings } from './settings';
import { shell } from './shell';
import { ui } from './ui';

/** Every text of the web client, by area. Values are strings, or functions of what they speak of. */
export const en = { composer, conversation, errors, inbox, media, search, session, settings, shell, ui };
export type Catalogue = typeof en;

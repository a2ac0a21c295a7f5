import type { Catalogue } from '../en';
import { composer } from './composer';
import { conversation } from './conversation';
import { errors } from './errors';
import { inbox } from './inbox';
import { media } from './media';
import { search } from './search';
import { shell } from './shell';
import { ui } from './ui';

export const th: Catalogue = { composer, conversation, errors, inbox, media, search, shell, ui };

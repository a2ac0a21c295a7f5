import type { Catalogue } from '../en';

export const inbox: Catalogue['inbox'] = {};

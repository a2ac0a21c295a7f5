import type { Catalogue } from '../en';

export const conversation: Catalogue['conversation'] = {};

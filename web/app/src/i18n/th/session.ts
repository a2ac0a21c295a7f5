import type { Catalogue } from '../en';

export const session: Catalogue['session'] = {};

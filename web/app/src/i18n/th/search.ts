import type { Catalogue } from '../en';

export const search: Catalogue['search'] = {};

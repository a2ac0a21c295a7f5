import type { Catalogue } from '../en';

export const composer: Catalogue['composer'] = {};

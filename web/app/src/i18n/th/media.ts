import type { Catalogue } from '../en';

export const media: Catalogue['media'] = {};

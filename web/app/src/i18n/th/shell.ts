import type { Catalogue } from '../en';

export const shell: Catalogue['shell'] = {};

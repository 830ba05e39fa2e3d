import { join } from 'node:path';
import { here } from './here.js';

/** The program that the media process runs: compiled code, wherever this module is run from. */
export const mediaEntry: string = join(here, 'media-child.js');

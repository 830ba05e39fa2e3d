// A page that leaves it to decart-rx to load the media library.
import { offerPackage } from './package.js';

offerPackage();

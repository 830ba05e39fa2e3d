// A page that imports the media library itself, as the floor's does.
import 'livekit-client';
import { offerPackage } from './package.js';

offerPackage();

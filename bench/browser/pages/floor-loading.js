// A page that loads the media library when it is first needed.
import { offerFloor } from './floor-session.js';

offerFloor(() => import('livekit-client'));

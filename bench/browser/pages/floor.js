// A page that imports the media library.
import { Room, RoomEvent, setLogLevel } from 'livekit-client';
import { offerFloor } from './floor-session.js';

offerFloor(() => ({ Room, RoomEvent, setLogLevel }));

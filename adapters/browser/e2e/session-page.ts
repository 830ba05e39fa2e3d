// The page of the end-to-end tests: a client, and what a test asks of it.
import * as sdk from '../index.js';
import { FrameCounter, meanColours } from './frame-counter.js';
import { Resources } from './resources.js';

const scope = globalThis as unknown as Record<string, unknown>;
const resources = new Resources();

Object.assign(scope, { sdk, resources, FrameCounter, meanColours, isReady: true });

export type PageSdk = typeof sdk;
export type PageResources = Resources;

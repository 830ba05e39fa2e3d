// What makes a session go: events to states and orders, orders to deeds, and what is measured meanwhile. Needed from
// the first event on.

export { reduceSession } from '../machine/reduce.js';
export { createSampling } from '../measure/sampling.js';
export { createEffectRunner } from './run-effects.js';

// What makes a session go: events to states and orders, orders to deeds, and what is measured meanwhile. Needed from
// the first event on.
export { createPerformer } from './perform.js';
export { reduceSession } from './reduce.js';
export { createSampling } from './sampling.js';

// A simulation in virtual time: a whole client against random callers, a random service and a random network.

export { type ModelRun, runSchedule } from './model/run-schedule.js';
export { type ModelStep, randomSchedule, type Schedule } from './model/schedule.js';

// Must not compile: each line that is marked is an error, and nothing else is.
import { injectDecartSession, injectDecartViewer, provideDecart } from 'decart-rx/angular';

export const right = () => injectDecartSession({ connect: () => ({ model: 'lucy-2.1' }), prompt: () => 'rain' });
export const noModel = () => injectDecartSession({ connect: () => ({}) }); // wrong
export const noPrompt = () => injectDecartSession({ connect: () => null, prompt: () => 5 }); // wrong
export const noToken = () => injectDecartViewer(() => 5); // wrong
export const noKey = () => provideDecart({}); // wrong

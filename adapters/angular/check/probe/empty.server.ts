import type { BootstrapContext } from '@angular/platform-browser';
import { start } from './empty';
import { rendering } from './rendering';

export default (context: BootstrapContext) => start([rendering], context);

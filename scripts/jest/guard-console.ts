// What a test writes to the console fails it.
import { installConsoleGuard } from '../../testkit/console-guard.js';

installConsoleGuard();

import { start } from './empty';

start();

import 'decart-rx/frame-worker';

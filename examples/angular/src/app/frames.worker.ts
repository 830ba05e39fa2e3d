// Mirrors and stamps the camera's frames off the page's thread.
import 'decart-rx/frame-worker';

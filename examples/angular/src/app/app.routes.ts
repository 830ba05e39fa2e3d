import type { Routes } from '@angular/router';

export const routes: Routes = [
  { path: '', title: 'Studio', loadComponent: () => import('./studio/studio').then(({ Studio }) => Studio) },
  { path: 'watch/:token', title: 'Watch', loadComponent: () => import('./watch/watch').then(({ Watch }) => Watch) },
  { path: '**', redirectTo: '' },
];

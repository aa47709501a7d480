/**
 * The plugins of the extension, one per feature.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { apiPlugin } from './api/plugin';
import { archivesPlugin } from './archives/plugin';
import { createPlugin } from './create/plugin';
import { pagesPlugin } from './environments/pageplugin';
import { environmentsPlugin } from './environments/plugin';
import { activityPlugin } from './jobs/activity';
import { jobsPlugin } from './jobs/plugin';
import { kernelsPlugin } from './kernels/plugin';
import { packagesPlugin } from './packages/plugin';
import { sidebarPlugin } from './sidebar/plugin';
import { arrivalPlugin } from './usersite/arrival';
import { hintsPlugin } from './usersite/hints';
import { userSitePlugin } from './usersite/plugin';

export { Client, IClient, ProblemError } from './api';
export type { Environment, Job, Problem } from './api';
export { IEnvironments } from './environments/plugin';
export { IJobs } from './jobs/model';
export { ISidebar } from './sidebar/panel';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  apiPlugin,
  jobsPlugin,
  sidebarPlugin,
  environmentsPlugin,
  kernelsPlugin,
  createPlugin,
  packagesPlugin,
  pagesPlugin,
  archivesPlugin,
  userSitePlugin,
  hintsPlugin,
  arrivalPlugin,
  activityPlugin
];

export default plugins;

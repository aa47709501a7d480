/**
 * The plugin of the jobs' model, fed by Jupyter's event bus where it carries jobs.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';

import { type Client, IClient } from '../api';
import { IJobs, JobsModel } from './model';

export const jobsPlugin: JupyterFrontEndPlugin<JobsModel> = {
  id: 'jupyter_envmgr:jobs',
  description: 'Provides the long operations on environments.',
  autoStart: true,
  provides: IJobs,
  requires: [IClient],
  activate: (app: JupyterFrontEnd, client: Client): JobsModel => {
    const jobs = new JobsModel({ client });
    app.serviceManager.events.stream.connect((_, event) => {
      if (event.schema_id.includes('envmgr')) {
        void jobs.refresh();
      }
    });
    void app.restored.then(() => jobs.start());
    return jobs;
  }
};

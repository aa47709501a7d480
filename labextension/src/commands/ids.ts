/**
 * The ids of all commands of this extension.
 */
export const CommandIDs = {
  showPanel: 'envmgr:show-panel',
  focusFilter: 'envmgr:focus-filter',
  refresh: 'envmgr:refresh',
  create: 'envmgr:create',
  openTab: 'envmgr:open-tab',
  openJob: 'envmgr:open-job',
  cancelJob: 'envmgr:cancel-job',
  clearJobs: 'envmgr:clear-jobs',
  openNotebook: 'envmgr:open-notebook',
  openConsole: 'envmgr:open-console',
  openTerminal: 'envmgr:open-terminal',
  registerKernel: 'envmgr:register-kernel',
  unregisterKernel: 'envmgr:unregister-kernel',
  copyPath: 'envmgr:copy-path',
  showDetails: 'envmgr:show-details',
  rename: 'envmgr:rename',
  remove: 'envmgr:remove',
  retry: 'envmgr:retry',
  editAndRetry: 'envmgr:edit-and-retry',
  showLog: 'envmgr:show-log',
  collapseAll: 'envmgr:collapse-all',
  toggleOtherPythons: 'envmgr:toggle-other-pythons',
  openSettings: 'envmgr:open-settings',
  diagnose: 'envmgr:diagnose-user-site',
  setAside: 'envmgr:set-user-packages-aside',
  showSnapshots: 'envmgr:show-snapshots',
  openUserSiteTab: 'envmgr:open-user-site-tab'
} as const;

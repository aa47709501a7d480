/**
 * Values for tests: complete, and dull but for what a test says.
 */
import type { Environment, EventList, Job, LoggedEvent } from '../api';

export function job(fields: Partial<Job> = {}): Job {
  return {
    id: 'j1',
    operation: 'environments.create',
    subject: 'training',
    title: 'Create training',
    state: 'running',
    created: '2026-05-02T10:00:00.000Z',
    holder: {
      host: 'node1',
      boot_id: 'boot',
      pid_namespace: 'pid:[1]',
      pid: 42,
      start_time: 1,
      door: 'server'
    },
    started: '2026-05-02T10:00:00.000Z',
    ended: null,
    progress: 0,
    label: '',
    seq: 0,
    problem: null,
    result: {},
    cancelling: false,
    ...fields
  } as Job;
}

export function event(
  seq: number,
  fields: Partial<LoggedEvent> = {}
): LoggedEvent {
  return {
    seq,
    time: '2026-05-02T10:00:01.000Z',
    type: 'output',
    ...fields
  } as LoggedEvent;
}

export function events(
  list: readonly LoggedEvent[],
  fields: Partial<Job> = {}
): EventList {
  return { events: [...list], job: job(fields) };
}

export function environment(fields: Partial<Environment> = {}): Environment {
  return {
    id: 'training',
    name: 'training',
    kind: 'venv',
    managed: true,
    status: 'ready',
    path: '/home/ada/.envmgr/environments/training',
    reason: '',
    problem: null,
    manager: 'pip',
    engine: 'uv',
    python: '3.12.4',
    implementation: 'CPython',
    interpreter: null,
    base: null,
    location: 'home',
    persistence: {
      survives: true,
      why: '',
      filesystem: 'nfs4',
      mount_point: '/home',
      network: true
    },
    created: null,
    user_site: false,
    user_site_why: '',
    kernels: [],
    package_count: 3,
    display_name: '',
    remarks: '',
    labels: {},
    asked_for: [],
    job: null,
    writable: true,
    source: '',
    ...fields
  };
}

/**
 * Let everything that waits for a promise go on.
 */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await Promise.resolve();
  }
}

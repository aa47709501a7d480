/**
 * The words of the interface for states and kinds, and what goes with them everywhere.
 */
import {
  type ITranslator,
  type TranslationBundle
} from '@jupyterlab/translation';

import type { Environment, Job, Persistence } from '../api';
import { Format, localeOf } from './format';

/**
 * What a component needs to speak to its reader.
 */
export interface IVoice {
  readonly trans: TranslationBundle;
  readonly format: Format;
}

/**
 * The voice of the interface's present language.
 */
export function voiceOf(translator: ITranslator): IVoice {
  const language =
    (translator as { languageCode?: string }).languageCode ?? 'en';
  return {
    trans: translator.load('jupyter_envmgr'),
    format: new Format(localeOf(language))
  };
}

/**
 * One word for how an environment is.
 */
export function statusWord(
  environment: Environment,
  trans: TranslationBundle
): string {
  switch (environment.status) {
    case 'creating':
      return trans.__('creating');
    case 'failed':
      return trans.__('failed');
    case 'broken':
      return trans.__('broken');
    case 'foreign':
      return trans.__('belongs to another image');
    case 'warming':
      return trans.__('warming up');
    default:
      return kindWord(environment, trans);
  }
}

/**
 * One word for what a working environment is.
 */
export function kindWord(
  environment: Environment,
  trans: TranslationBundle
): string {
  switch (environment.kind) {
    case 'image':
      return trans.__('image');
    case 'interpreter':
      return trans.__('interpreter');
    default:
      return trans.__('ready');
  }
}

/**
 * What a row calls the way an environment is managed.
 */
export function managerWord(environment: Environment): string {
  if (environment.manager !== null) {
    return environment.manager;
  }
  return environment.kind === 'venv' || environment.kind === 'conda'
    ? environment.kind
    : '';
}

/**
 * Whether it outlives the container, in words; empty where nobody knows.
 */
export function persistenceWord(
  persistence: Persistence,
  trans: TranslationBundle
): string {
  if (persistence.survives === null) {
    return '';
  }
  return persistence.survives
    ? trans.__('stays when the container goes')
    : trans.__('lost with the container');
}

/**
 * One word for the state of a job.
 */
export function jobStateWord(job: Job, trans: TranslationBundle): string {
  if (job.cancelling && !hasEnded(job)) {
    return trans.__('cancelling…');
  }
  switch (job.state) {
    case 'queued':
      return trans.__('waiting');
    case 'running':
      return trans.__('running');
    case 'succeeded':
      return trans.__('done');
    case 'failed':
      return trans.__('failed');
    case 'cancelled':
      return trans.__('cancelled');
    default:
      return trans.__('interrupted');
  }
}

/**
 * Whether nothing more will happen in a job.
 */
export function hasEnded(job: Job): boolean {
  return job.state !== 'queued' && job.state !== 'running';
}

/**
 * What a person calls an environment: the display name they chose, else its plain name.
 *
 * The server gives each one a display name for kernel pickers, such as `Python 3.12 (name)`.
 */
export function nameOf(environment: Environment): string {
  const { display_name: display, name } = environment;
  const isMadeUp =
    display.startsWith('Python ') && display.endsWith(`(${name})`);
  return display === '' || isMadeUp ? name : display;
}

/**
 * The short form of a Python version: `3.12.4` is `3.12`.
 */
export function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/**
 * A verb of a plan in the reader's language; one that is not known stays as it is.
 */
export function actionWord(action: string, trans: TranslationBundle): string {
  const words: Record<string, string> = {
    create: trans.__('create'),
    install: trans.__('install'),
    register: trans.__('register'),
    unregister: trans.__('unregister'),
    delete: trans.__('delete'),
    forget: trans.__('forget'),
    keep: trans.__('keep'),
    write: trans.__('write'),
    replace: trans.__('replace'),
    remove: trans.__('remove'),
    update: trans.__('update'),
    download: trans.__('download'),
    prove: trans.__('try'),
    move: trans.__('move'),
    copy: trans.__('copy'),
    rename: trans.__('rename'),
    make: trans.__('make'),
    unpack: trans.__('unpack'),
    set: trans.__('set'),
    'set aside': trans.__('set aside'),
    'move back': trans.__('move back')
  };
  return words[action] ?? action;
}

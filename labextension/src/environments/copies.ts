/**
 * A copy of an environment, and another name for one: asked, planned, begun.
 */
import type { Client, Environment, Job, LocationStatus } from '../api';
import { type IVoice, nameOf } from '../text/words';
import { fillInAndBegin, type IAskedField } from './asking';

/**
 * Make an environment with exactly the packages of another one.
 */
export async function askToClone(
  environment: Environment,
  client: Client,
  voice: IVoice
): Promise<Job | null> {
  const { trans } = voice;
  const { locations } = await client.status();
  const bodyOf = (values: Readonly<Record<string, string>>) => ({
    name: values.name.trim(),
    location: values.location,
    display_name: values.display.trim()
  });
  return fillInAndBegin({
    title: trans.__('Clone “%1”', nameOf(environment)),
    about: trans.__(
      'A new environment with exactly the same packages, from the caches where they have them.'
    ),
    button: trans.__('Clone'),
    isHarmless: true,
    fields: [
      {
        key: 'name',
        label: trans.__('Name'),
        value: `${environment.name.slice(0, 58)}-copy`
      },
      { key: 'display', label: trans.__('Display name'), value: '' },
      locationField(locations, voice)
    ],
    plan: (values, signal) =>
      client.content.planClone(environment.id, bodyOf(values), signal),
    canBreakLock: true,
    begin: (values, _, breakLock) =>
      client.content.clone(environment.id, bodyOf(values), breakLock),
    voice
  });
}

/**
 * Give an environment another name: its directory and its kernels get it too.
 */
export async function askToChangeName(
  environment: Environment,
  client: Client,
  voice: IVoice
): Promise<Job | null> {
  const { trans } = voice;
  const { id } = environment;
  return fillInAndBegin({
    title: trans.__('Change the name of “%1”', environment.name),
    about: trans.__('Its directory and its kernels get the new name too.'),
    button: trans.__('Change name'),
    fields: [{ key: 'name', label: trans.__('Name'), value: environment.name }],
    plan: (values, signal) =>
      client.content.planRename(id, values.name.trim(), signal),
    begin: (values, plan) =>
      client.content.rename(
        id,
        values.name.trim(),
        plan.digest,
        plan.forceable
      ),
    voice
  });
}

/**
 * The field in which a location is chosen.
 */
export function locationField(
  locations: readonly LocationStatus[],
  voice: IVoice
): IAskedField {
  const { trans, format } = voice;
  return {
    key: 'location',
    label: trans.__('Location'),
    value: '',
    choices: locations
      .filter(item => item.writable)
      .map(item => ({
        value: item.default ? '' : item.name,
        word: [
          item.name,
          item.path,
          item.free === null ? '' : trans.__('%1 free', format.bytes(item.free))
        ]
          .filter(Boolean)
          .join(' · ')
      }))
  };
}

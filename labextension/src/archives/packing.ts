/**
 * Archives of environments: packed into a file, and made into an environment again.
 */
import { PathExt } from '@jupyterlab/coreutils';

import type { Archive, Client, Environment, Job } from '../api';
import { fillInAndBegin } from '../environments/asking';
import { locationField } from '../environments/copies';
import { type IVoice, nameOf } from '../text/words';

/**
 * Pack an environment into a file that is asked for.
 *
 * @param directory - Where the file is proposed to lie.
 */
export async function askToPack(
  environment: Environment,
  directory: string,
  client: Client,
  voice: IVoice
): Promise<Job | null> {
  const { trans } = voice;
  const bodyOf = (path: string) => ({
    environment: environment.id,
    path: path.trim()
  });
  return fillInAndBegin({
    title: trans.__('Pack “%1”', nameOf(environment)),
    about: trans.__(
      'One file with all packages in it, to be imported on another machine or in another image.'
    ),
    button: trans.__('Pack'),
    isHarmless: true,
    fields: [
      {
        key: 'path',
        label: trans.__('File'),
        value: PathExt.join(directory, `${environment.name}.tar.gz`),
        help: trans.__('It ends with .tar.gz or .tar.zst.')
      }
    ],
    plan: (values, signal) =>
      client.content.planPack(bodyOf(values.path), signal),
    begin: values => client.content.pack(bodyOf(values.path)),
    voice
  });
}

/**
 * Make the environment of an archive, under a name that is asked for.
 */
export async function askToImport(
  archive: Archive,
  client: Client,
  voice: IVoice
): Promise<Job | null> {
  const { trans } = voice;
  const { manifest } = archive;
  const { locations } = await client.status();
  const bodyOf = (values: Readonly<Record<string, string>>) => ({
    path: archive.path,
    name: values.name.trim(),
    location: values.location,
    display_name: values.display.trim(),
    sha256: values.sha256.trim()
  });
  return fillInAndBegin({
    title: trans.__('Import %1', PathExt.basename(archive.path)),
    about: aboutArchive(archive, voice),
    button: trans.__('Import'),
    isHarmless: true,
    fields: [
      { key: 'name', label: trans.__('Name'), value: manifest.name },
      {
        key: 'display',
        label: trans.__('Display name'),
        value: manifest.display_name.endsWith(`(${manifest.name})`)
          ? ''
          : manifest.display_name
      },
      locationField(locations, voice),
      {
        key: 'sha256',
        label: trans.__('SHA-256'),
        value: archive.sha256,
        help: trans.__(
          'What its hash has to be, if you were told it; may stay empty.'
        )
      }
    ],
    plan: (values, signal) => client.content.planUnpack(bodyOf(values), signal),
    canBreakLock: true,
    begin: (values, _, breakLock) =>
      client.content.unpack(bodyOf(values), breakLock),
    voice
  });
}

/** What an archive says of the environment in it, in one sentence. */
function aboutArchive(archive: Archive, voice: IVoice): string {
  const { trans, format } = voice;
  const { manifest, ours } = archive;
  const words = [
    manifest.manager,
    manifest.python && `Python ${manifest.python}`,
    manifest.platform,
    trans._n(
      '%2 package',
      '%2 packages',
      manifest.lock.length,
      format.count(manifest.lock.length)
    ),
    format.bytes(archive.size)
  ].filter(Boolean);
  const sentence = trans.__('It holds: %1.', words.join(', '));
  return ours
    ? sentence
    : `${sentence} ${trans.__('It was packed by conda-pack elsewhere.')}`;
}

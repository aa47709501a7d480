/**
 * A file of the file browser as what an environment is made of: a text, or an archive.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Contents } from '@jupyterlab/services';
import { ServerConnection } from '@jupyterlab/services';

import { type Problem, ProblemError } from '../api';
import type { IVoice } from '../text/words';

/** Bytes of the longest text that the server reads. */
const LONGEST = 4 * 1024 * 1024;

/** The files of text that an environment can be made from, by their names. */
const TEXT = /\.(ya?ml|txt|in|lock|toml)$/i;

/** The files that may be archives, by their names. */
const ARCHIVE = /\.(tar\.gz|tgz|tar\.zst|tzst|tar)$/i;

/**
 * Whether a file is an archive, by its name.
 */
export function isArchive(name: string): boolean {
  return ARCHIVE.test(name);
}

/**
 * Whether an environment could be made from a file, by its name.
 */
export function isUsable(name: string): boolean {
  return TEXT.test(name) || isArchive(name);
}

/**
 * The text of a file.
 *
 * @throws ProblemError - If it is too long, is no text, or cannot be read: it may be an archive
 * under another name.
 */
export async function readText(
  app: JupyterFrontEnd,
  file: Contents.IModel,
  voice: IVoice
): Promise<string> {
  const { contents } = app.serviceManager;
  let text: string;
  try {
    const { size } = await contents.get(file.path, { content: false });
    if (size && size > LONGEST) {
      throw new ProblemError(tooLong(file, size, voice));
    }
    const read = await contents.get(file.path, {
      type: 'file',
      format: 'text',
      content: true
    });
    text = read.content as string;
  } catch (error) {
    throw error instanceof ProblemError
      ? error
      : new ProblemError(unreadable(file, error, voice));
  }
  if (text.includes('\0')) {
    throw new ProblemError(noText(file, voice));
  }
  return text.replace(/^\uFEFF/, '');
}

function tooLong(file: Contents.IModel, size: number, voice: IVoice): Problem {
  const { trans, format } = voice;
  return made(
    'too-large',
    trans.__('The file is too long'),
    trans.__(
      '%1 has %2: what lists the packages of an environment has %3 at most.',
      file.name,
      format.bytes(size),
      format.bytes(LONGEST)
    )
  );
}

function noText(file: Contents.IModel, voice: IVoice): Problem {
  const { trans } = voice;
  return made(
    'bad-encoding',
    trans.__('This is no text'),
    trans.__(
      '%1 holds bytes that are no text in UTF-8, and it is no archive of an environment.',
      file.name
    ),
    trans.__('If it is a text, save it as UTF-8, then try again.')
  );
}

function unreadable(
  file: Contents.IModel,
  error: unknown,
  voice: IVoice
): Problem {
  const { trans } = voice;
  const status =
    error instanceof ServerConnection.ResponseError ? error.response.status : 0;
  switch (status) {
    case 400:
      return noText(file, voice);
    case 403:
      return made('unreadable', trans.__('You may not read this file'), '');
    case 404:
      return made(
        'unreadable',
        trans.__('The file is not there'),
        trans.__(
          '%1 was moved or removed, or is a link that leads nowhere.',
          file.name
        )
      );
    default:
      return made(
        'unreadable',
        trans.__('The file cannot be read'),
        error instanceof Error ? error.message : String(error)
      );
  }
}

function made(code: string, title: string, detail: string, hint = ''): Problem {
  const context = null;
  return { code, kind: 'invalid', title, detail, hint, context, errors: [] };
}

/**
 * Files: kept on the person's computer, or where the file browser is.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { PageConfig, PathExt, URLExt } from '@jupyterlab/coreutils';
import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { type Contents, ServerConnection } from '@jupyterlab/services';

/**
 * Keep a text as a file on the person's own computer.
 */
export function downloadText(filename: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  downloadFrom(url, filename);
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/**
 * Keep a text as a file in the directory that the file browser shows, beside what is there.
 *
 * @returns The path of the file.
 */
export async function saveText(
  app: JupyterFrontEnd,
  browsers: IFileBrowserFactory,
  filename: string,
  text: string
): Promise<string> {
  const { contents } = app.serviceManager;
  const directory = directoryOf(browsers);
  const path = await freePath(contents, directory, filename);
  await contents.save(path, { type: 'file', format: 'text', content: text });
  return path;
}

/**
 * The directory that the file browser shows, as a path of Jupyter's contents.
 */
export function directoryOf(browsers: IFileBrowserFactory | null): string {
  return browsers?.tracker.currentWidget?.model.path ?? '';
}

/**
 * The place on the server's disk of a path of Jupyter's contents; empty where nobody knows.
 */
export function placeOf(app: JupyterFrontEnd, path: string): string {
  const { contents } = app.serviceManager;
  const root = PageConfig.getOption('envmgrRoot');
  const isOnDisk = root !== '' && contents.driveName(path) === '';
  return isOnDisk
    ? PathExt.join(root, contents.localPath(path)).replace(/^(?=[^/~])/, '/')
    : '';
}

/**
 * The path in Jupyter's contents of what lies at an address; null where that is none of theirs.
 */
export function contentsPathOf(
  address: string | null,
  baseUrl: string
): string | null {
  const files = new URL(URLExt.join(baseUrl, 'files/'), location.href);
  return address?.startsWith(files.pathname)
    ? decodeURIComponent(address.slice(files.pathname.length))
    : null;
}

/**
 * Have the browser keep what lies at an address as a file.
 */
export function downloadFrom(url: string, filename: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = filename;
  document.body.appendChild(link);
  link.click();
  link.remove();
}

/** The path of a file that does not exist yet, named as near as possible to what is wanted. */
async function freePath(
  contents: Contents.IManager,
  directory: string,
  filename: string
): Promise<string> {
  const [, stem, ending] = /^(.+?)(\.[^.]+)?$/.exec(filename) ?? [];
  for (let number = 1; number < 1000; number += 1) {
    const name = number === 1 ? filename : `${stem}-${number}${ending ?? ''}`;
    const path = directory === '' ? name : PathExt.join(directory, name);
    try {
      await contents.get(path, { content: false });
    } catch (error) {
      if (
        error instanceof ServerConnection.ResponseError &&
        error.response.status === 404
      ) {
        return path;
      }
      throw error;
    }
  }
  return URLExt.join(directory, filename);
}

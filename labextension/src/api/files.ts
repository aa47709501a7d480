/**
 * Archives on their way from and to the person's own computer: bytes, not JSON.
 */
import { URLExt } from '@jupyterlab/coreutils';

import type { Sender } from './sender';

/** A file on its way: `received` of `size` bytes lie at `path` on the server. */
export interface IUpload {
  readonly id: string;
  readonly path: string;
  readonly size: number;
  readonly received: number;
}

/**
 * The verbs.
 */
export class FileVerbs {
  constructor(private readonly _sender: Sender) {}

  /**
   * Look whether the archive that a job has packed is still there.
   *
   * @returns The address at which Jupyter itself has it; null where it has none.
   * @throws ProblemError - If it is gone, or is not what was packed.
   */
  async findPacked(job: string): Promise<string | null> {
    const answer = await this._sender.request(archiveOf(job), {
      method: 'GET',
      cache: 'no-cache',
      headers: { Range: 'bytes=0-0' }
    });
    await answer.arrayBuffer();
    return answer.headers.get('Content-Location');
  }

  /** The address from which a browser downloads the archive that a job has packed. */
  addressOfPacked(job: string, baseUrl: string): string {
    const api = URLExt.join(baseUrl, 'envmgr/api');
    const url = new URL(api + archiveOf(job), location.href);
    const [, token] = /\b_xsrf=([^;]*)\b/.exec(document.cookie) ?? [];
    if (token !== undefined) {
      url.searchParams.append('_xsrf', token);
    }
    return url.toString();
  }

  async beginUpload(name: string, size: number): Promise<IUpload> {
    const answer = await this._sender.request('/uploads', {
      method: 'POST',
      body: JSON.stringify({ name, size }),
      headers: { 'Content-Type': 'application/json' }
    });
    return (await answer.json()) as IUpload;
  }

  /** Send a piece; the answer says where the next one begins. */
  async addToUpload(
    id: string,
    offset: number,
    piece: Blob,
    signal: AbortSignal
  ): Promise<IUpload> {
    const answer = await this._sender.request(
      `/uploads/${id}?offset=${offset}`,
      {
        method: 'PUT',
        body: piece,
        signal,
        headers: { 'Content-Type': 'application/octet-stream' }
      }
    );
    return (await answer.json()) as IUpload;
  }

  async discardUpload(id: string): Promise<void> {
    await this._sender.request(`/uploads/${id}`, { method: 'DELETE' });
  }
}

function archiveOf(job: string): string {
  return `/jobs/${encodeURIComponent(job)}/archive`;
}

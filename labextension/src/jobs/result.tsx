/**
 * What a job has left: the archive that it has packed, as long as that is there.
 */
import type { CommandRegistry } from '@lumino/commands';
import React, { useState } from 'react';

import { type Job, type Problem, problemOf } from '../api';
import { CommandIDs } from '../commands/ids';
import { Button, CopyButton, PathText } from '../components/parts';
import { ProblemCard } from '../components/problem';
import type { IVoice } from '../text/words';
import type { JobsModel } from './model';

/**
 * The archive and what can be done with it.
 */
export function Packed(props: {
  job: Job;
  jobs: JobsModel;
  commands: CommandRegistry;
  voice: IVoice;
  /** Whether it stands in the side panel, where there is little room. */
  isNarrow?: boolean;
}): React.JSX.Element {
  const { job, jobs, commands, voice, isNarrow } = props;
  const { trans, format } = voice;
  const [failure, setFailure] = useState<Problem | null>(null);
  const { isThere, address, problem } = jobs.packed.of(job);
  const { path, sha256, size } = job.result;
  const attempt = (command: string) => {
    setFailure(null);
    commands
      .execute(command, { job: job.id })
      .catch(error => setFailure(problemOf(error, trans)));
  };
  const canShow = address !== null && commands.hasCommand(GO_TO_PATH);
  return (
    <div className="jp-EnvMgr-packed">
      <div className="jp-EnvMgr-packedFile">
        <PathText path={path} />
        {size && (
          <span className="jp-EnvMgr-quiet">{format.bytes(Number(size))}</span>
        )}
      </div>
      {isThere === false && problem && !failure && (
        <p className="jp-EnvMgr-quiet" title={problem.detail}>
          {problem.title}
        </p>
      )}
      {failure && (
        <ProblemCard
          problem={failure}
          trans={trans}
          isNew
          onDismiss={() => setFailure(null)}
        />
      )}
      <div className="jp-EnvMgr-actions">
        {isThere !== false && (
          <Button
            kind={isNarrow ? 'link' : 'accept'}
            onClick={() => attempt(CommandIDs.downloadArchive)}
          >
            {trans.__('Download')}
          </Button>
        )}
        {isThere !== false && canShow && (
          <Button
            kind={isNarrow ? 'link' : 'plain'}
            onClick={() => attempt(CommandIDs.showArchive)}
          >
            {isNarrow ? trans.__('Show') : trans.__('Show in file browser')}
          </Button>
        )}
        <CopyButton
          text={() => path}
          label={trans.__('Copy path')}
          trans={trans}
        />
        {sha256 && !isNarrow && (
          <CopyButton
            text={() => sha256}
            label={trans.__('Copy SHA-256')}
            trans={trans}
          />
        )}
      </div>
    </div>
  );
}

/** JupyterLab's command that shows a file where it lies; Notebook 7 has it in its tree. */
export const GO_TO_PATH = 'filebrowser:go-to-path';

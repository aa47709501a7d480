/**
 * The side panel: sections that the features add, one below the other.
 */
import type { ITranslator } from '@jupyterlab/translation';
import { SidePanel, type Toolbar } from '@jupyterlab/ui-components';
import { Token } from '@lumino/coreutils';
import { AccordionPanel } from '@lumino/widgets';

import { environmentsIcon } from '../icons';

/**
 * Where features, of this extension or another, put their sections.
 */
export interface ISidebar {
  /** The id of the panel in the shell. */
  readonly id: string;

  /**
   * Add a section.
   *
   * @param section - Its title has the label; its toolbar, if any, is shown beside that.
   * @param options - The lower the rank, the higher the place. The share of the height is
   * relative to the other sections'.
   */
  addSection(section: Toolbar.IWidgetToolbar, options: ISectionOptions): void;
}

/**
 * How a section takes part in the panel.
 */
export interface ISectionOptions {
  readonly rank: number;
  readonly share?: number;
}

export const ISidebar = new Token<ISidebar>(
  'jupyter_envmgr:ISidebar',
  'The side panel of environments, to add sections to.'
);

/**
 * The panel.
 */
export class Sidebar extends SidePanel implements ISidebar {
  constructor(translator: ITranslator) {
    super({ translator });
    const trans = translator.load('jupyter_envmgr');
    this.id = 'jupyter-envmgr-sidebar';
    this.addClass('jp-EnvMgr-sidebar');
    this.title.icon = environmentsIcon;
    this.title.caption = trans.__('Environments');
    this.title.dataset = {
      ...this.title.dataset,
      jpTabLabel: trans.__('Environments')
    };
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Environments'));
  }

  addSection(section: Toolbar.IWidgetToolbar, options: ISectionOptions): void {
    const { rank, share = 1 } = options;
    let index = this._sections.findIndex(other => other.rank > rank);
    if (index === -1) {
      index = this._sections.length;
    }
    this._sections.splice(index, 0, { rank, share });
    this.insertWidget(index, section);
    if (this.content instanceof AccordionPanel) {
      this.content.setRelativeSizes(this._sections.map(other => other.share));
      readInOrder(this.content, index);
    }
  }

  private readonly _sections: { rank: number; share: number }[] = [];
}

/**
 * Put the nodes of the sections from one on where they are seen: Lumino appends that of a new
 * one, whatever its place, and the Tab key goes through the nodes.
 */
function readInOrder(panel: AccordionPanel, from: number): void {
  panel.widgets.slice(from).forEach((widget, place) => {
    const index = from + place;
    panel.node.append(panel.titles[index], widget.node, panel.handles[index]);
  });
}

/**
 * Where a tab goes: the main area, wherever the application has one with room.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { find } from '@lumino/algorithm';
import { SplitPanel, TabPanel, type Widget } from '@lumino/widgets';

/**
 * Put a widget into the main area.
 *
 * Notebook 7 has room for one widget there: in its file browser that is a panel of tabs, which
 * takes more; beside a notebook the panel below takes them.
 */
export function addToMain(app: JupyterFrontEnd, widget: Widget): void {
  app.shell.add(widget, 'main', { type: 'Environments' });
  if (widget.isAttached) {
    return;
  }
  const tabs = find(
    app.shell.widgets('main'),
    (other): other is TabPanel => other instanceof TabPanel
  );
  if (tabs instanceof TabPanel) {
    tabs.addWidget(widget);
    tabs.currentWidget = widget;
  } else {
    app.shell.add(widget, 'down');
    requestAnimationFrame(() => giveRoom(widget));
  }
}

/** The panel below is as good as closed when it gets its first widget. */
function giveRoom(widget: Widget): void {
  let parent = widget.parent;
  while (parent !== null && !(parent instanceof SplitPanel)) {
    parent = parent.parent;
  }
  const [, below] = parent?.relativeSizes() ?? [];
  if (below !== undefined && below < 0.3) {
    parent?.setRelativeSizes([1, 1]);
  }
}

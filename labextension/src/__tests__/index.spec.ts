import plugin from '../index';

describe('the extension', () => {
  it('starts with JupyterLab', () => {
    expect(plugin.autoStart).toBe(true);
  });
});

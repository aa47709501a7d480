/**
 * The icons: 16 pixels, drawn in the colour of the text around them.
 */
import { LabIcon } from '@jupyterlab/ui-components';

function draw(name: string, body: string): LabIcon {
  return new LabIcon({
    name: `envmgr:${name}`,
    svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">${body}</svg>`
  });
}

function line(name: string, body: string): LabIcon {
  return draw(
    name,
    `<g fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round">${body}</g>`
  );
}

/** The panel: a stack of separate layers. */
export const environmentsIcon = new LabIcon({
  name: 'envmgr:environments',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" fill="#616161">
    <path d="M12 2 2.5 7 12 12l9.500-5z"/>
    <path d="m4.800 10.700-2.300 1.300L12 17l9.500-5-2.300-1.300L12 14.500z"/>
    <path d="m4.800 15.700-2.300 1.300L12 22l9.500-5-2.300-1.300L12 19.500z"/>
  </g>
</svg>`
});

/** Works. */
export const readyIcon = draw(
  'ready',
  '<path fill="currentColor" d="M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13Zm3.300 5.100-3.900 4.100a.75.75 0 0 1-1.080.010L4.600 9a.75.75 0 1 1 1.060-1.060l1.180 1.170 3.370-3.540a.75.75 0 1 1 1.090 1.030Z"/>'
);

/** Being made. */
export const workingIcon = line(
  'working',
  '<circle cx="8" cy="8" r="5.800" opacity=".3"/><path d="M8 2.200A5.800 5.800 0 0 1 13.800 8"/>'
);

/** Could not be made. */
export const failedIcon = draw(
  'failed',
  '<path fill="currentColor" d="M7.100 2a1.040 1.040 0 0 1 1.800 0l5.960 10.400c.4.700-.1 1.600-.9 1.600H2.040c-.8 0-1.300-.9-.9-1.600L7.100 2ZM8 5.500a.75.75 0 0 0-.75.75v3.500a.75.75 0 0 0 1.500 0v-3.500A.75.75 0 0 0 8 5.500Zm0 5.600a.9.9 0 1 0 0 1.800.9.9 0 0 0 0-1.800Z"/>'
);

/** Was made, and does not work any more. */
export const brokenIcon = draw(
  'broken',
  '<path fill="currentColor" d="M5.600 1.500h4.800L14.500 5.600v4.800l-4.100 4.100H5.600l-4.100-4.100V5.600L5.600 1.500Zm.03 3.100a.73.73 0 0 0-1.030 1.030L6.970 8l-2.370 2.370a.73.73 0 0 0 1.030 1.030L8 9.030l2.370 2.370a.73.73 0 0 0 1.030-1.030L9.030 8l2.370-2.370a.73.73 0 0 0-1.030-1.030L8 6.970 5.630 4.600Z"/>'
);

/** Belongs to another image or host. */
export const foreignIcon = line(
  'foreign',
  '<circle cx="8" cy="8" r="5.800" stroke-dasharray="2.600 2"/><path d="M5.700 8h4.200M8.300 6.200 10.100 8l-1.800 1.800"/>'
);

/** The image's own Python. */
export const imageIcon = line(
  'image',
  '<path d="M8 1.800 13.600 4.900v6.200L8 14.200l-5.600-3.100V4.900L8 1.800Z"/><path d="M2.600 5 8 8l5.400-3M8 8v6"/>'
);

/** A bare interpreter. */
export const interpreterIcon = line(
  'interpreter',
  '<rect x="1.700" y="2.700" width="12.600" height="10.600" rx="1.500"/><path d="m4.500 6 2.200 2-2.200 2M8.700 10.400h2.800"/>'
);

/** A kernel starts it. */
export const kernelBadgeIcon = line(
  'kernel',
  '<rect x="4.200" y="4.200" width="7.600" height="7.600" rx="1"/><path d="M6.300 1.800v2.400M9.700 1.800v2.400M6.300 11.800v2.400M9.700 11.800v2.400M1.800 6.300h2.400M1.800 9.700h2.400M11.800 6.300h2.400M11.800 9.700h2.400"/>'
);

/** Stays when the container goes. */
export const lastsIcon = line(
  'lasts',
  '<path d="M2 7.500 8 2.300l6 5.200"/><path d="M3.700 6.500v7h8.600v-7"/><path d="M6.600 13.300V9.600h2.800v3.700"/>'
);

/** Lost with the container. */
export const lostIcon = line(
  'lost',
  '<path d="M4 1.900h8M4 14.100h8M4.900 2v2.300C4.900 6.300 8 7 8 8s-3.100 1.700-3.100 3.700V14M11.100 2v2.300C11.100 6.300 8 7 8 8s3.100 1.700 3.100 3.700V14"/>'
);

/** A package. */
export const packageIcon = line(
  'package',
  '<path d="M2.300 5.200 3.700 2.600h8.600l1.400 2.600v8.200H2.300V5.200Z"/><path d="M2.500 5.300h11M6.300 5.500v2.700h3.400V5.500"/>'
);

/** A user package that hides one of the image. */
export const hidesIcon = line(
  'hides',
  '<rect x="1.900" y="1.900" width="8.300" height="8.300" rx="1"/><path d="M12.600 5.800h1.500v8.300H5.800v-1.500" stroke-dasharray="2 1.600"/>'
);

/** Good to know. */
export const noteIcon = draw(
  'note',
  '<path fill="currentColor" d="M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13Zm0 2.700a.95.95 0 1 1 0 1.900.95.95 0 0 1 0-1.900Zm0 2.900a.75.75 0 0 1 .75.75v3.200a.75.75 0 0 1-1.500 0v-3.200A.75.75 0 0 1 8 7.100Z"/>'
);

/** Something was cancelled or interrupted. */
export const stoppedIcon = line(
  'stopped',
  '<circle cx="8" cy="8" r="5.800"/><path d="M5.200 8h5.600"/>'
);

/** Waits for its turn. */
export const waitingIcon = line(
  'waiting',
  '<circle cx="8" cy="8" r="5.800"/><path d="M8 4.800V8l2.200 1.500"/>'
);

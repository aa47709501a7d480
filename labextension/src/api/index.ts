export * from './client';
export * from './content';
export * from './files';
export * from './problem';
export * from './sender';
export * from './single';
export * from './usersite';
export type * from './schema';

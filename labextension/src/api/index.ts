export * from './client';
export * from './problem';
export * from './single';
export * from './usersite';
export type * from './schema';

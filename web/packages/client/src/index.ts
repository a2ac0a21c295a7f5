export * from './client.js';
export * from './connection.js';
export * from './errors.js';
export * from './model.js';
export * from './ports.js';
export * from './rest/rest.js';
export * from './store.js';
export * from './wire.js';

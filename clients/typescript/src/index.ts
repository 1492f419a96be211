export { AetherFlowClient } from './client.js';
export type { ClientOptions, ConnectionState, TokenSource } from './client.js';
export { SharedDocument } from './document.js';
export type { DocumentEvents, DocumentOptions, Gap, LoggedOperation } from './document.js';
export { ENVIRONMENT } from './environment.js';
export type { Environment, Socket, SocketConstructor } from './environment.js';
export { RefusedError, UnknownOutcomeError } from './errors.js';
export type { Json, Limits, Operation } from './messages.js';
export type { Peer } from './presence.js';

export { askControl, askControlForAll } from './ask-control.ts';
export { controlPath } from './control-path.ts';
export { type ControlHandler, type ControlRoute, ControlRoutes } from './control-routes.ts';
export { ControlServer } from './control-server.ts';

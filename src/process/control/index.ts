export { askControl, askControlForAll } from './ask-control.ts';
export type { ControlAnswer } from './control-answers.ts';
export { backendDoor, backendDoors, controlPath } from './control-path.ts';
export {
  type ControlHandler,
  type ControlRequest,
  type ControlResponder,
  type ControlRoute,
  ControlRoutes,
} from './control-routes.ts';
export { ControlServer } from './control-server.ts';
export { mergeAnswers } from './merge-answers.ts';
export type { ProcessStatus } from './process-status.ts';

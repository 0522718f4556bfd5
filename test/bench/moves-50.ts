import { movesBench } from './subjects/moves-bench.ts';

export default movesBench(50);

/** The order in which test files run. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that take more than half a minute, wherever there are no times of an earlier run to go by. */
const LONG = ['log-crash', 'crash', 'restart', 'carrier-doctor', 'cli', 'shutdown', 'many-sessions', 'gateway-budget'];
const NAMES = new Set(LONG.map((name) => `/test/scenarios/${name}.test.ts`));

/** The long ones first: started last, they would run on while the other worker has nothing left to do. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      NAMES.has(moduleId.slice(moduleId.lastIndexOf('/test/')));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

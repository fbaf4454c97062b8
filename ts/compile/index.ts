export { compile, type Compiled, type CompileOptions } from './compile.ts';
export type { ExplainedProgram, Explanation } from './explain.ts';

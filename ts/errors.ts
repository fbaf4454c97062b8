/** What went wrong, for code that must tell errors apart. */
export type ErrorCode =
  | 'ERR_ABORT'
  | 'ERR_ALIAS'
  | 'ERR_CAPTURE'
  | 'ERR_DETACHED'
  | 'ERR_FORMAT'
  | 'ERR_INTERNAL'
  | 'ERR_LOAD'
  | 'ERR_NONFINITE'
  | 'ERR_OPTION'
  | 'ERR_SELECTOR'
  | 'ERR_SHAPE'
  | 'ERR_STATE'
  | 'ERR_TYPE'
  | 'ERR_VALUE';

/** Every error that this library throws on purpose: a message for people, a `code` for programs. */
export class RidgelineError extends Error {
  override readonly name: string = 'RidgelineError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * A call that was wrong: the message names the argument, what it must be and what it was, and
 * where there is one, the fix. It is thrown before anything has changed.
 */
export class ArgumentError extends RidgelineError {
  override readonly name: string = 'ArgumentError';

  constructor(
    code: ErrorCode,
    owner: string,
    argument: string,
    expected: string,
    got: unknown,
    fix?: string,
  ) {
    const sentence = `${owner}: \`${argument}\` must be ${expected}, got ${describe(got)}`;
    super(code, fix === undefined ? sentence : `${sentence}. ${fix}`);
  }
}

/** A value as an error shows it: short, and never throwing itself. */
function describe(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (typeof value === 'object' && value !== null)
    return `a value of type ${value.constructor?.name ?? 'Object'}`;
  return String(value);
}

/**
 * The layers of ts/, lowest first. A file may import from its own folder or from a lower layer; names that share a
 * line are siblings and may not import each other.
 */
const layers = [
  ['errors.ts', 'check.ts'],
  ['recorder.ts'],
  ['native.ts'],
  ['kernels/'],
  ['random.ts'],
  ['tensor/'],
  ['metrics/'],
  ['penalty/'],
  ['constraint/'],
  ['nn/'],
  ['optim/'],
  ['schedule/'],
  ['linear/'],
  ['io/'],
  ['data/'],
  ['compile/'],
  ['train/', 'select/', 'prune/'],
  ['report/'],
  ['index.ts'],
  ['cli/', 'playground/'],
];

/** Written on top of the public API alone, as a user's program would be. */
const programs = ['cli/', 'playground/'];

/** `^ts/nn/` or `^ts/errors\.ts$`. */
const pattern = (name) => `^ts/${name.replace('.ts', '\\.ts$')}`;
const placed = layers.flat().map(pattern);
const forbid = (name, from, to) => ({ name, severity: 'error', from, to });

const upward = layers.slice(0, -1).map((layer, i) =>
  forbid(
    `${layer.join('-')}-imports-upward`,
    { path: layer.map(pattern) },
    {
      path: layers
        .slice(i + 1)
        .flat()
        .map(pattern),
    },
  ),
);

// errors.ts and check.ts are one noun in two files: the second throws what the first defines.
const sideways = layers
  .slice(1)
  .flatMap((layer) =>
    layer.map((name) =>
      forbid(
        `${name}-imports-a-sibling`,
        { path: pattern(name) },
        { path: layer.filter((other) => other !== name).map(pattern) },
      ),
    ),
  )
  .filter((rule) => rule.to.path.length > 0);

const onTheApiAlone = programs.map((name) =>
  forbid(
    `${name}-imports-index-alone`,
    { path: pattern(name) },
    { path: '^(ts|dist|native)/', pathNot: [pattern(name), '^ts/index\\.ts$'] },
  ),
);

// Three rules, because a rule sees a dependency, or a file that has none at either end.
const inALayer = [
  forbid('file-in-no-layer', { path: '^ts/', pathNot: placed }, {}),
  forbid('imports-a-file-in-no-layer', {}, { path: '^ts/', pathNot: placed }),
  forbid('lone-file-in-no-layer', { path: '^ts/', pathNot: placed, orphan: true }, {}),
];

module.exports = {
  forbidden: [
    ...upward,
    ...sideways,
    ...onTheApiAlone,
    ...inALayer,
    forbid('cycle', {}, { circular: true }),
    forbid('one-door', { path: '^ts/', pathNot: '^ts/native\\.ts$' }, { path: '^native/' }),
    forbid('imports-nothing-that-exists', { path: '^ts/' }, { couldNotResolve: true }),
  ],
  options: {
    // An import of types alone is a dependency too.
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['node_modules', '^native/', '^dist/'] },
    tsConfig: { fileName: 'tsconfig.json' },
    // vega-lite has no `main`: only its `exports` say where it is.
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'default'] },
  },
};
